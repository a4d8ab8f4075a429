//! `spin:sqlite` on a libsql server.
