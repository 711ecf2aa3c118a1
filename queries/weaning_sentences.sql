-- Every sentence that speaks of weaning, with what was decided.
--
-- kind: what the sentence says of weaning; strongest first. section: where in the letter it stands.
-- case_id, seq: its decision; a sentence of the clinical summary belongs to the whole case and has no seq.
-- request_text: what was requested. outcome: of the decision, or of the case for a sentence of the summary.
WITH kinds (position, kind) AS (
    VALUES
        (1, 'request_is_for_weaning'),
        (2, 'weaning_recommended'),
        (3, 'patient_weaning'),
        (4, 'weaning_not_shown'),
        (5, 'withdrawal_caution'),
        (6, 'guideline_mention')
)
SELECT
    mentions.kind,
    mentions.section,
    mentions.sentence,
    mentions.case_id,
    decisions.seq,
    decisions.request_text,
    CASE WHEN mentions.decision_id IS NULL THEN cases.case_outcome ELSE decisions.outcome END AS outcome
FROM weaning_mentions AS mentions
JOIN cases ON cases.case_id = mentions.case_id
LEFT JOIN decisions ON decisions.decision_id = mentions.decision_id
LEFT JOIN kinds ON kinds.kind = mentions.kind
ORDER BY kinds.position, mentions.case_id, decisions.seq NULLS FIRST, mentions.start_char, mentions.section;
