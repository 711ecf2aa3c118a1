//! Cutting a text where marks begin and end, which may lie in and across each other.

use std::ops::Range;

/// A stretch of the text in which the same marks hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub range: Range<usize>,
    /// The marks (by their place in the list given), the innermost first; none for plain text.
    pub marks: Vec<usize>,
}

/// Cuts a text of `len` bytes at every mark's ends. The segments follow each other without a gap; of two
/// marks the shorter one is the inner one, of two equal ones the later. Empty marks hold nowhere.
pub fn segments(len: usize, marks: &[Range<usize>]) -> Vec<Segment> {
    let mut cuts: Vec<usize> = marks
        .iter()
        .flat_map(|m| [m.start.min(len), m.end.min(len)])
        .chain([0, len])
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut coming: Vec<usize> = (0..marks.len()).filter(|m| !marks[*m].is_empty()).collect();
    coming.sort_by_key(|m| marks[*m].start);
    let mut coming = coming.into_iter().peekable();
    let inner_first = |m: &usize| (marks[*m].len(), std::cmp::Reverse(*m));
    let mut open: Vec<usize> = Vec::new();
    let mut segments = Vec::with_capacity(cuts.len().saturating_sub(1));
    for pair in cuts.windows(2) {
        let [start, end] = [pair[0], pair[1]];
        open.retain(|m| marks[*m].end > start);
        while let Some(mark) = coming.next_if(|m| marks[*m].start <= start) {
            let at = open.partition_point(|m| inner_first(m) < inner_first(&mark));
            open.insert(at, mark);
        }
        segments.push(Segment {
            range: start..end,
            marks: open.clone(),
        });
    }
    segments
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The segments as `start-end:marks`, for short.
    fn shown(len: usize, marks: &[Range<usize>]) -> String {
        let segments = segments(len, marks).into_iter().map(|s| {
            let marks: Vec<_> = s.marks.iter().map(usize::to_string).collect();
            format!("{}-{}:{}", s.range.start, s.range.end, marks.join(","))
        });
        segments.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_text_without_marks_is_one_segment() {
        assert_eq!(shown(5, &[]), "0-5:");
        assert_eq!(shown(0, &[]), "");
        assert_eq!(shown(5, std::slice::from_ref(&(2..2))), "0-2: 2-5:");
    }

    #[test]
    fn the_inner_of_nested_marks_comes_first() {
        // A cue in its sentence in its rationale.
        let marks = [0..20, 5..15, 8..12];
        assert_eq!(
            shown(20, &marks),
            "0-5:0 5-8:1,0 8-12:2,1,0 12-15:1,0 15-20:0"
        );
    }

    #[test]
    fn marks_across_each_other_are_cut_and_equal_ones_both_hold() {
        assert_eq!(shown(9, &[0..6, 3..9]), "0-3:0 3-6:1,0 6-9:1");
        assert_eq!(shown(4, &[1..3, 1..3]), "0-1: 1-3:1,0 3-4:");
        assert_eq!(shown(4, &[0..2, 2..4]), "0-2:0 2-4:1");
    }

    #[test]
    fn what_lies_behind_the_end_is_left_out() {
        assert_eq!(shown(4, &[2..9, 7..8]), "0-2: 2-4:0");
    }

    proptest! {
        #[test]
        fn every_byte_stands_once_with_just_the_marks_around_it(
            len in 0usize..40,
            ends in prop::collection::vec((0usize..40, 0usize..40), 0..12),
        ) {
            let marks: Vec<_> = ends.iter().map(|(a, b)| (*a.min(b)).min(len)..(*a.max(b)).min(len)).collect();
            let segments = segments(len, &marks);
            let mut at = 0;
            for segment in &segments {
                prop_assert_eq!(segment.range.start, at);
                prop_assert!(!segment.range.is_empty());
                at = segment.range.end;
                for byte in segment.range.clone() {
                    let mut around: Vec<_> = (0..marks.len()).filter(|m| marks[*m].contains(&byte)).collect();
                    let mut held = segment.marks.clone();
                    around.sort_unstable();
                    held.sort_unstable();
                    prop_assert_eq!(held, around);
                }
                let lengths: Vec<_> = segment.marks.iter().map(|m| marks[*m].len()).collect();
                prop_assert!(lengths.is_sorted());
            }
            prop_assert_eq!(at, len);
        }
    }
}
