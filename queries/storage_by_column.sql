-- What each column costs: its bytes on disk, most first, beside those of the letters' text.
--
-- table_name, column_name: the column. encodings: how its values lie in Parquet. bytes: on disk, after compression.
-- share: bytes / those of all columns. of_text: bytes / those of the letters' text as it was read.
WITH columns AS (
    SELECT table_name, column_name, max(encodings) AS encodings, sum(bytes) AS bytes
    FROM storage
    GROUP BY table_name, column_name
)
SELECT
    table_name,
    column_name,
    encodings,
    bytes,
    round(bytes / CAST(sum(bytes) OVER () AS DOUBLE), 4) AS share,
    round(bytes / CAST((SELECT sum(octet_length(text)) FROM letters) AS DOUBLE), 4) AS of_text
FROM columns
ORDER BY bytes DESC, table_name, column_name;
