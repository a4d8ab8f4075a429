-- The other listings of some stones, whose ids are a list in JSON: the id of each stone, then the listing. The first 16 bytes of
-- `row_hash` are the stone, so its listings are a range of an index. A stone without dimensions is known by no more than its row and has none. CROSS JOIN keeps the tables in this order.
SELECT stone.id, listing.id, listing.price_list, listing.cut, listing.price
FROM json_each(?1) AS asked
CROSS JOIN diamonds AS stone ON stone.id = asked.value
CROSS JOIN diamonds AS listing
    ON listing.row_hash >= substr(stone.row_hash, 1, 16)
    AND listing.row_hash <= CAST(substr(stone.row_hash, 1, 16) || x'ffffffffffffffffffffffffffffffff' AS BLOB)
WHERE listing.id <> stone.id AND stone.x > 0 AND stone.y > 0 AND stone.z > 0
ORDER BY listing.id
