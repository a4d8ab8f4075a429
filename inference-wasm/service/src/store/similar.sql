-- The stones most like one: cut, color, clarity, carat, how many. Two arms of at most that many rows, each in the order of
-- an index of its own; LIMIT stands inside, or it would read the rest. `cargo xtask bench similar` times this very text.
SELECT * FROM (
    SELECT id, carat, cut, color, clarity, depth, "table", price, x, y, z FROM diamonds
    WHERE cut = ?1 AND color = ?2 AND clarity = ?3 AND carat >= ?4 ORDER BY carat, id LIMIT ?5)
UNION ALL
SELECT * FROM (
    SELECT id, carat, cut, color, clarity, depth, "table", price, x, y, z FROM diamonds
    WHERE cut = ?1 AND color = ?2 AND clarity = ?3 AND carat < ?4 ORDER BY carat DESC, id LIMIT ?5)
