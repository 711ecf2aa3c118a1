-- How often the denial of an opioid is overturned, by the strength of one unit.
--
-- mme_per_unit: morphine milligram equivalents in one tablet, capsule or other unit (CDC 2022 factors; of a fentanyl
--   patch, a day's). 50 and 90 are the daily doses at which the CDC asked for caution, here reached by a single unit.
--   'not known': no strength in the request, or no factor.
-- decisions: decisions with an outcome. overturned: those that overturn the denial.
-- rate: overturned / decisions, with its 95 % Wilson score interval from lower to upper.
WITH bands (position, band) AS (
    VALUES
        (1, 'below 10'),
        (2, '10 to below 20'),
        (3, '20 to below 50'),
        (4, '50 to below 90'),
        (5, '90 and more'),
        (6, 'not known')
),
opioids AS (
    SELECT
        outcome,
        CASE
            WHEN mme_per_unit IS NULL THEN 6
            WHEN mme_per_unit < 10 THEN 1
            WHEN mme_per_unit < 20 THEN 2
            WHEN mme_per_unit < 50 THEN 3
            WHEN mme_per_unit < 90 THEN 4
            ELSE 5
        END AS position
    FROM decisions
    WHERE request_category = 'pharmaceutical' AND request_subcategory = 'opioid'
),
counts AS (
    SELECT
        bands.position,
        bands.band AS mme_per_unit,
        count(opioids.outcome) AS decisions,
        count(*) FILTER (WHERE opioids.outcome = 'overturned') AS overturned
    FROM bands
    LEFT JOIN opioids ON opioids.position = bands.position
    GROUP BY bands.position, bands.band
)
SELECT
    mme_per_unit,
    decisions,
    overturned,
    round(1.0 * overturned / nullif(decisions, 0), 4) AS rate,
    round(wilson_lower(overturned, decisions), 4) AS lower,
    round(wilson_upper(overturned, decisions), 4) AS upper
FROM counts
ORDER BY position;
