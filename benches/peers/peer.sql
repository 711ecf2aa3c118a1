-- What one would write in DuckDB instead: the letters of 2014, 2015 and 2018 by regular expressions, to Parquet.
--
-- $letters is a glob of text files, $out a folder; both are filled in by peer_sql.py.

CREATE TEMP TABLE letters AS
WITH flat AS (
    SELECT filename AS source, trim(regexp_replace(ltrim(content, chr(65279)), '\s+', ' ', 'g')) AS text
    FROM read_text('$letters')
)
SELECT
    source,
    text,
    regexp_extract(
        text, 'including all medical records: (.*?) IMR (?:ISSUES, DECISIONS|DECISION\(S\)) AND RATIONALE', 1
    ) AS summary,
    split_part(text, 'disputed items/services set forth below: ', -1) AS body
FROM flat;

CREATE TEMP TABLE decisions AS
WITH
-- 'Norco 10/325mg #60: Upheld', then two guidelines and a rationale that ends where the next heading begins.
expert AS (
    SELECT
        source,
        regexp_extract_all(
            body, '(?:^|\. )((?:[^.]|\.[^ ])+?): {1,2}(?:Upheld|Overturned) Claims Administrator guideline: ', 1
        ) AS requests,
        regexp_extract_all(body, ': {1,2}(Upheld|Overturned) Claims Administrator guideline: ', 1) AS outcomes,
        regexp_extract_all(
            body, '(?:Upheld|Overturned) Claims Administrator guideline: (.*?) MAXIMUS guideline: ', 1
        ) AS administrators,
        regexp_extract_all(body, ' MAXIMUS guideline: (.*?) (?:Decision r|R)ationale: ', 1) AS reviewers,
        list_transform(
            string_split_regex(body, ' (?:Decision r|R)ationale: ')[2:],
            lambda part: regexp_replace(
                part, '\. (?:[^.]|\.[^ ])+?: {1,2}(?:Upheld|Overturned) Claims Administrator guideline: .*$', '.'
            )
        ) AS rationales
    FROM letters
    WHERE contains(body, ' MAXIMUS guideline: ')
),
-- '1. Norco 10/325mg #60 is not medically necessary and appropriate.', and so on.
physician AS (
    SELECT
        source,
        regexp_extract_all(
            body,
            '(?:^|\. )\d+\. (?:The request for )?((?:[^.]|\.[^ ])+?) is (?:not )?medically necessary and appropriate\. The Claims',
            1
        ) AS requests,
        list_transform(
            regexp_extract_all(body, ' is (not )?medically necessary and appropriate\. The Claims Administrator ', 1),
            lambda word: if(word = '', 'Overturned', 'Upheld')
        ) AS outcomes,
        regexp_extract_all(body, '(The Claims Administrator .*?\.) The Physician Reviewer ', 1) AS administrators,
        regexp_extract_all(
            body, '\. (The Physician Reviewer [^''’].*?\.) The Physician Reviewer.s decision rationale: ', 1
        ) AS reviewers,
        list_transform(
            string_split_regex(body, ' The Physician Reviewer.s decision rationale: ')[2:],
            lambda part: regexp_replace(
                part,
                '\. \d+\. (?:[^.]|\.[^ ])+? is (?:not )?medically necessary and appropriate\. The Claims Administrator .*$',
                '.'
            )
        ) AS rationales
    FROM letters
    WHERE contains(body, 'decision rationale: ') AND contains(body, 'The Physician Reviewer ')
),
listed AS (SELECT * FROM expert UNION ALL SELECT * FROM physician)
SELECT
    source,
    unnest(range(1, len(outcomes) + 1)) AS seq,
    unnest(requests) AS request,
    unnest(list_transform(outcomes, lambda outcome: lower(outcome))) AS outcome,
    unnest(administrators) AS claims_administrator_guideline,
    unnest(reviewers) AS reviewer_guideline,
    unnest(rationales) AS rationale
FROM listed;

COPY (
    SELECT *, regexp_matches(rationale, '(?i)\b(?:wean|taper|detox|titrat\w+ down|step\w* down)') AS weaning
    FROM decisions
) TO '$out/decisions.parquet' (COMPRESSION zstd);

COPY (
    WITH outcomes AS (
        SELECT
            source,
            CASE WHEN min(outcome) = max(outcome) THEN min(outcome) ELSE 'partially_overturned' END AS outcome,
            bool_or(regexp_matches(rationale, '(?i)\b(?:wean|taper|detox|titrat\w+ down|step\w* down)')) AS weaning
        FROM decisions
        GROUP BY source
    ),
    found AS (
        SELECT
            source,
            summary,
            nullif(regexp_extract(text, 'Case Number: ?(CM\d\d-\d{7})', 1), '') AS case_number,
            coalesce(
                nullif(regexp_extract(text, 'Date of Injury: (\d{1,2}/\d{1,2}/\d{4})', 1), ''),
                nullif(
                    regexp_extract(
                        summary,
                        '(?i)(?:injur\w*|hurt|doi)[^.]{0,60}?(\d{1,2}[/-]\d{1,2}[/-]\d{2,4}|(?:January|February|March|April|May|June|July|August|September|October|November|December) \d{1,2}, \d{4})',
                        1
                    ),
                    ''
                )
            ) AS date_of_injury,
            TRY_CAST(regexp_extract(summary, '\b(\d\d)[- ]years?[- ](?:old|of age)', 1) AS INTEGER) AS age,
            lower(regexp_extract(summary, '(?i)\b(male|man|gentleman|female|woman|lady)\b', 1)) AS sex_word,
            regexp_matches(summary, '(?i)\b(?:he|his|him)\b') AS he,
            regexp_matches(summary, '(?i)\b(?:she|her)\b') AS she,
            regexp_extract(text, 'State\(s\) of Licensure: (.*?) Certification\(s\)/Specialty: ', 1) AS states,
            regexp_extract(text, 'Certification\(s\)/Specialty: (.*?) CLINICAL CASE SUMMARY', 1) AS specialties,
            regexp_extract(text, ' licensed to practice in (.*?)\.', 1) AS prose_states,
            regexp_extract(text, 'Board Certified in (.*?),? (?:has a subspecialty|and is licensed)', 1) AS first_specialty,
            regexp_extract(text, 'has a subspecialty in (.*?),? and is licensed', 1) AS second_specialty,
            regexp_matches(summary, '(?i)\b(?:wean|taper|detox|titrat\w+ down|step\w* down)') AS weaning
        FROM letters
    )
    SELECT
        found.source,
        case_number,
        outcomes.outcome,
        date_of_injury,
        age,
        CASE
            WHEN sex_word IN ('male', 'man', 'gentleman') THEN 'male'
            WHEN sex_word <> '' THEN 'female'
            WHEN he AND NOT she THEN 'male'
            WHEN she AND NOT he THEN 'female'
        END AS sex,
        CASE WHEN states <> '' THEN string_split(states, ', ') ELSE string_split_regex(prose_states, ', | and ') END
            AS licensure_states,
        CASE
            WHEN specialties <> '' THEN string_split(specialties, ', ')
            ELSE list_filter([first_specialty, second_specialty], lambda name: name <> '')
        END AS specialties,
        found.weaning OR coalesce(outcomes.weaning, false) AS weaning
    FROM found
    LEFT JOIN outcomes ON outcomes.source = found.source
) TO '$out/cases.parquet' (COMPRESSION zstd);
