//! Figures over moments, kept as what changed: most of them stand still most of the time, and a page embeds them all.

use record::Counters;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::counting::{COUNTER_NAMES, values};

/// One number over the moments. In JSON a flat list: `[0, 12, 5, 40]` is 12 from moment 0 on and 40 from moment 5 on; before
/// the first one named it is 0.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Track(Vec<(u16, u64)>);

/// The counters over the moments. In JSON an object with a [`Track`] for each counter that ever is more than 0.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Series(Vec<(u16, Counters)>);

impl Track {
    /// Changes the number from `moment` on, which must not be before one that was changed already.
    pub(crate) fn note(&mut self, moment: u16, change: impl FnOnce(&mut u64)) {
        change(latest(&mut self.0, moment));
    }

    /// Of changes in the order of moments.
    pub(crate) fn of(changes: impl IntoIterator<Item = (u16, u64)>) -> Self {
        Self(changes.into_iter().collect())
    }

    /// The highest number that it ever is.
    pub fn most(&self) -> u64 {
        self.0.iter().map(|(_, number)| *number).max().unwrap_or(0)
    }

    /// The number at `moment`.
    pub fn at(&self, moment: u16) -> u64 {
        at(&self.0, moment)
    }

    /// The number at the end.
    pub fn last(&self) -> u64 {
        self.0.last().map_or(0, |(_, number)| *number)
    }

    /// From which moment on it is which number; a number may be that of the moment before.
    pub fn changes(&self) -> &[(u16, u64)] {
        &self.0
    }
}

impl Series {
    /// Changes the counters from `moment` on, which must not be before one that was changed already.
    pub(crate) fn note(&mut self, moment: u16, change: impl FnOnce(&mut Counters)) {
        change(latest(&mut self.0, moment));
    }

    /// The counters at `moment`.
    pub fn at(&self, moment: u16) -> Counters {
        at(&self.0, moment)
    }

    /// The counters at the end.
    pub fn last(&self) -> Counters {
        self.0.last().map_or_else(Counters::default, |(_, counters)| *counters)
    }

    /// From which moment on they are which.
    pub fn changes(&self) -> &[(u16, Counters)] {
        &self.0
    }

    /// One of the counters.
    pub fn track(&self, counter: impl Fn(&Counters) -> u64) -> Track {
        let mut last = 0;
        let changed = |(moment, counters): &(u16, Counters)| {
            let number = counter(counters);
            let before = std::mem::replace(&mut last, number);
            (before != number).then_some((*moment, number))
        };
        Track(self.0.iter().filter_map(changed).collect())
    }
}

/// The entry of `moment`, which begins as a copy of the last one.
fn latest<T: Copy + Default>(changes: &mut Vec<(u16, T)>, moment: u16) -> &mut T {
    let before = changes.last().copied();
    if before.is_none_or(|(last, _)| last < moment) {
        changes.push((moment, before.map_or_else(T::default, |(_, value)| value)));
    }
    let index = changes.len() - 1;
    &mut changes[index].1
}

fn at<T: Copy + Default>(changes: &[(u16, T)], moment: u16) -> T {
    let known = changes.partition_point(|(changed, _)| *changed <= moment);
    known.checked_sub(1).map_or_else(T::default, |index| changes[index].1)
}

impl Serialize for Track {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        let mut last = 0;
        for (moment, number) in &self.0 {
            if *number != last {
                list.serialize_element(moment)?;
                list.serialize_element(number)?;
                last = *number;
            }
        }
        list.end()
    }
}

impl Serialize for Series {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        for (index, name) in COUNTER_NAMES.iter().enumerate() {
            let track = self.track(|counters| values(counters)[index]);
            if !track.0.is_empty() {
                object.serialize_entry(name, &track)?;
            }
        }
        object.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_track_tells_what_changed() {
        let mut track = Track::default();
        track.note(1, |number| *number += 2);
        track.note(1, |number| *number += 3);
        track.note(4, |number| *number -= 1);
        track.note(7, |_| ());
        assert_eq!([0, 1, 3, 4, 200].map(|moment| track.at(moment)), [0, 5, 5, 4, 4]);
        assert_eq!(track.last(), 4);
        assert_eq!(serde_json::to_string(&track).expect("a list"), "[1,5,4,4]");
    }

    #[test]
    fn a_series_has_a_track_for_each_counter_that_moves() {
        let mut series = Series::default();
        series.note(0, |counters| counters.selected = 9);
        series.note(3, |counters| counters.delivered = 2);
        assert_eq!(series.at(2), Counters { selected: 9, ..Counters::default() });
        assert_eq!(series.last().delivered, 2);
        let json = serde_json::to_string(&series).expect("an object");
        assert_eq!(json, r#"{"selected":[0,9],"delivered":[3,2]}"#);
    }
}
