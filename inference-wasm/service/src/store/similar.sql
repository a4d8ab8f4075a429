-- The stones most like one: cut, color, clarity, carat, how many. Two arms of at most that many rows, each in the order of
-- an index of its own, which holds all that is asked for; LIMIT stands inside, or it would read the rest. The grades are those
-- asked for, so they are not carried back. Of a bare `LIMIT ?` SQLite looks at the value and prepares the statement anew each
-- time. `cargo xtask bench similar` times this very text.
SELECT * FROM (
    SELECT id, carat, depth, "table", price, x, y, z FROM diamonds
    WHERE cut = ?1 AND color = ?2 AND clarity = ?3 AND carat >= ?4 ORDER BY carat, id LIMIT ?5 + 0)
UNION ALL
SELECT * FROM (
    SELECT id, carat, depth, "table", price, x, y, z FROM diamonds
    WHERE cut = ?1 AND color = ?2 AND clarity = ?3 AND carat < ?4 ORDER BY carat DESC, id LIMIT ?5 + 0)
