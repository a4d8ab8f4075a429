#!/bin/sh
# Starts the container: migrates the database, adds the default data set to a new one, then runs the command.
set -eu

database=.spin/sqlite_db.db
if [ ! -e "$database" ]; then
    # Renamed when it is whole, so that a start that was interrupted begins again.
    rm -f .spin/new.db*
    trainer --db .spin/new.db migrate
    trainer --db .spin/new.db ingest data/diamonds.csv --price-list-by orientation --prices-in "USD 2008"
    mv .spin/new.db "$database"
else
    trainer --db "$database" migrate
fi
exec "$@"
