//! A list split into groups, by counting: no allocation per item, order within a group kept.
//!
//! Its own file because three lists are split this way. It holds positions only and knows nothing about records.

/// The positions of a list's items, group by group.
pub(super) struct Grouping {
    positions: Vec<u32>,
    /// Where each group starts in `positions`, and, last, where the last one ends.
    starts: Vec<u32>,
}

impl Grouping {
    /// Splits the positions `0..items` into `groups` groups; `group_of` names the group of an item, which must be less
    /// than `groups`, or `None` to leave it out.
    pub(super) fn new(items: usize, groups: usize, group_of: impl Fn(usize) -> Option<u32>) -> Self {
        let mut starts = vec![0_u32; groups + 1];
        for group in (0..items).filter_map(&group_of) {
            starts[group as usize + 1] += 1;
        }
        for group in 1..=groups {
            starts[group] += starts[group - 1];
        }
        let mut next = starts.clone();
        let mut positions = vec![0_u32; starts[groups] as usize];
        for item in 0..items {
            if let Some(group) = group_of(item) {
                let next = &mut next[group as usize];
                positions[*next as usize] = item as u32;
                *next += 1;
            }
        }
        Self { positions, starts }
    }

    /// The positions of the items of `group`, ascending.
    pub(super) fn group(&self, group: usize) -> &[u32] {
        &self.positions[self.starts[group] as usize..self.starts[group + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_keep_their_order_and_may_be_left_out() {
        let groups = [Some(2), Some(0), None, Some(2), Some(0)];
        let grouping = Grouping::new(groups.len(), 3, |item| groups[item]);
        assert_eq!(grouping.group(0), [1, 4]);
        assert_eq!(grouping.group(1), [0_u32; 0]);
        assert_eq!(grouping.group(2), [0, 3]);
    }

    #[test]
    fn there_may_be_nothing_to_split() {
        Grouping::new(0, 0, |_| None);
        assert_eq!(Grouping::new(0, 1, |_| None).group(0), [0_u32; 0]);
    }
}
