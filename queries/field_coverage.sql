-- How complete cases and decisions are: of each column, the share that is not NULL.
--
-- "table", "column": in the order of the data dictionary. rows: of the table. filled: rows with a value.
-- share: filled / rows. NULL means that the letter does not say it, so a low share is often the letters' own.
WITH coverage (position, "table", "column", "rows", filled) AS (
    SELECT 1, 'cases', 'case_id', count(*), count(case_id) FROM cases UNION ALL
    SELECT 2, 'cases', 'letter_id', count(*), count(letter_id) FROM cases UNION ALL
    SELECT 3, 'cases', 'reviewer_id', count(*), count(reviewer_id) FROM cases UNION ALL
    SELECT 4, 'cases', 'case_number', count(*), count(case_number) FROM cases UNION ALL
    SELECT 5, 'cases', 'case_outcome', count(*), count(case_outcome) FROM cases UNION ALL
    SELECT 6, 'cases', 'decision_count', count(*), count(decision_count) FROM cases UNION ALL
    SELECT 7, 'cases', 'overturned_count', count(*), count(overturned_count) FROM cases UNION ALL
    SELECT 8, 'cases', 'date_of_injury', count(*), count(date_of_injury) FROM cases UNION ALL
    SELECT 9, 'cases', 'date_assigned', count(*), count(date_assigned) FROM cases UNION ALL
    SELECT 10, 'cases', 'decision_date', count(*), count(decision_date) FROM cases UNION ALL
    SELECT 11, 'cases', 'ur_denial_date', count(*), count(ur_denial_date) FROM cases UNION ALL
    SELECT 12, 'cases', 'application_received_date', count(*), count(application_received_date) FROM cases UNION ALL
    SELECT 13, 'cases', 'priority', count(*), count(priority) FROM cases UNION ALL
    SELECT 14, 'cases', 'patient_age', count(*), count(patient_age) FROM cases UNION ALL
    SELECT 15, 'cases', 'patient_sex', count(*), count(patient_sex) FROM cases UNION ALL
    SELECT 16, 'cases', 'diagnoses', count(*), count(diagnoses) FROM cases UNION ALL
    SELECT 17, 'cases', 'clinical_summary', count(*), count(clinical_summary) FROM cases UNION ALL
    SELECT 18, 'decisions', 'decision_id', count(*), count(decision_id) FROM decisions UNION ALL
    SELECT 19, 'decisions', 'case_id', count(*), count(case_id) FROM decisions UNION ALL
    SELECT 20, 'decisions', 'seq', count(*), count(seq) FROM decisions UNION ALL
    SELECT 21, 'decisions', 'request_text', count(*), count(request_text) FROM decisions UNION ALL
    SELECT 22, 'decisions', 'review_type', count(*), count(review_type) FROM decisions UNION ALL
    SELECT 23, 'decisions', 'outcome', count(*), count(outcome) FROM decisions UNION ALL
    SELECT 24, 'decisions', 'request_category', count(*), count(request_category) FROM decisions UNION ALL
    SELECT 25, 'decisions', 'request_subcategory', count(*), count(request_subcategory) FROM decisions UNION ALL
    SELECT 26, 'decisions', 'brand_name', count(*), count(brand_name) FROM decisions UNION ALL
    SELECT 27, 'decisions', 'generic_name', count(*), count(generic_name) FROM decisions UNION ALL
    SELECT 28, 'decisions', 'strength', count(*), count(strength) FROM decisions UNION ALL
    SELECT 29, 'decisions', 'quantity', count(*), count(quantity) FROM decisions UNION ALL
    SELECT 30, 'decisions', 'refills', count(*), count(refills) FROM decisions UNION ALL
    SELECT 31, 'decisions', 'visits', count(*), count(visits) FROM decisions UNION ALL
    SELECT 32, 'decisions', 'mme_per_unit', count(*), count(mme_per_unit) FROM decisions UNION ALL
    SELECT 33, 'decisions', 'claims_administrator_guideline', count(*), count(claims_administrator_guideline) FROM decisions UNION ALL
    SELECT 34, 'decisions', 'reviewer_guideline', count(*), count(reviewer_guideline) FROM decisions UNION ALL
    SELECT 35, 'decisions', 'rationale', count(*), count(rationale) FROM decisions UNION ALL
    SELECT 36, 'decisions', 'weaning_context', count(*), count(weaning_context) FROM decisions
)
SELECT
    "table",
    "column",
    "rows",
    filled,
    round(1.0 * filled / nullif("rows", 0), 4) AS share
FROM coverage
ORDER BY position;
