-- The stones most like one: cut, color, clarity, carat, how many. Two arms of at most that many rows, each in the order of
-- an index of its own, which holds all that is asked for; LIMIT stands inside, or it would read the rest. The grades are those
-- asked for, so they are not carried back. Of a bare `LIMIT ?` SQLite looks at the value and prepares the statement anew each
-- time. `cargo xtask bench similar` times this very text.
-- `inference::similar` orders by billionths of a carat, and both arms are in that order: a decimal of up to nine digits after the
-- point is the same f64 wherever it is read. Only among stored weights that differ by an error of computation, such as
-- 0.7000000000000001 and 0.7, does the index and not the id decide which of them LIMIT leaves out.
SELECT * FROM (
    SELECT id, carat, depth, "table", price, x, y, z, price_list FROM diamonds
    WHERE cut = ?1 AND color = ?2 AND clarity = ?3 AND carat >= ?4 ORDER BY carat, id LIMIT ?5 + 0)
UNION ALL
SELECT * FROM (
    SELECT id, carat, depth, "table", price, x, y, z, price_list FROM diamonds
    WHERE cut = ?1 AND color = ?2 AND clarity = ?3 AND carat < ?4 ORDER BY carat DESC, id LIMIT ?5 + 0)
