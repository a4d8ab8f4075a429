-- A model's leaves are quantised in `blob`, which is what is served. Where that changed them, `exact_blob` keeps the
-- same model with the leaves as they were fitted, for `trainer export --exact`.
ALTER TABLE models ADD COLUMN exact_blob BLOB;
