//! What the words of a window of the arena hold.

use std::ops::Range;

/// Nothing since the start or a cleared border, a number of an earlier inference, or an element, as its root and
/// position.
pub(super) type Tag = u64;
pub(super) const ZERO: Tag = u64::MAX;
pub(super) const OLD: Tag = u64::MAX - 1;

/// Words that are described together if they can be.
const PAGE: usize = 1024;

/// Tags in a row: all equal, or each one more than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pattern {
    first: Tag,
    by: u64,
}

impl Pattern {
    pub(super) const ZEROS: Self = Self { first: ZERO, by: 0 };

    /// The tags of consecutive elements.
    pub(super) fn elements(first: Tag) -> Self {
        Self { first, by: 1 }
    }

    pub(super) fn at(self, index: usize) -> Tag {
        self.first + self.by * index as u64
    }

    pub(super) fn skip(self, count: usize) -> Self {
        Self { first: self.at(count), ..self }
    }
}

/// Words at equal distances.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    pub(super) first: usize,
    pub(super) step: usize,
    pub(super) length: usize,
}

enum Page {
    Alike(Pattern),
    Mixed(Box<[Tag]>),
}

/// A tag for each word.
pub(super) struct Tags(Vec<Page>);

impl Tags {
    pub(super) fn zeros(words: usize) -> Self {
        Self((0..words.div_ceil(PAGE)).map(|_| Page::Alike(Pattern::ZEROS)).collect())
    }

    /// Everything but zeros becomes a number of an earlier inference.
    pub(super) fn age(&mut self) {
        for page in &mut self.0 {
            match page {
                Page::Alike(pattern) if *pattern == Pattern::ZEROS => {}
                Page::Alike(pattern) => *pattern = Pattern { first: OLD, by: 0 },
                Page::Mixed(tags) => tags.iter_mut().filter(|tag| **tag != ZERO).for_each(|tag| *tag = OLD),
            }
        }
    }

    pub(super) fn write(&mut self, words: Words, pattern: Pattern) {
        for (page, inside, index) in pieces(words) {
            let pattern = pattern.skip(index);
            if inside == (0..PAGE) {
                self.0[page] = Page::Alike(pattern);
                continue;
            }
            let tags = self.0[page].tags();
            tags[inside].iter_mut().enumerate().for_each(|(index, tag)| *tag = pattern.at(index));
        }
    }

    /// The first of the words that holds something else, by its index, and what.
    pub(super) fn other(&self, words: Words, pattern: Pattern) -> Option<(usize, Tag)> {
        pieces(words).find_map(|(page, inside, index)| {
            let expected = pattern.skip(index);
            let other = match &self.0[page] {
                Page::Alike(found) if found.skip(inside.start) == expected => None,
                Page::Alike(found) => {
                    let found = found.skip(inside.start);
                    (0..inside.len()).map(|index| found.at(index)).enumerate().find(|(i, tag)| *tag != expected.at(*i))
                }
                Page::Mixed(tags) => {
                    tags[inside].iter().copied().enumerate().find(|(index, tag)| *tag != expected.at(*index))
                }
            };
            other.map(|(within, tag)| (index + within, tag))
        })
    }
}

impl Page {
    fn tags(&mut self) -> &mut [Tag] {
        if let Self::Alike(pattern) = self {
            *self = Self::Mixed((0..PAGE).map(|index| pattern.at(index)).collect());
        }
        match self {
            Self::Mixed(tags) => tags,
            Self::Alike(_) => unreachable!("it was replaced"),
        }
    }
}

/// Words by pages: the page, which of its words, and the index of the first among all. Neighbors go together.
fn pieces(Words { first, step, length }: Words) -> impl Iterator<Item = (usize, Range<usize>, usize)> {
    let mut index = 0;
    std::iter::from_fn(move || {
        if index == length {
            return None;
        }
        let word = first + index * step;
        let within = word % PAGE;
        let count = if step == 1 { (PAGE - within).min(length - index) } else { 1 };
        index += count;
        Some((word / PAGE, within..within + count, index - count))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Many writes, against a plain list.
    #[test]
    fn pages_hold_what_a_list_holds() {
        const WORDS: usize = 5000;
        let mut state = 9_u64;
        let mut below = |bound: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % bound
        };
        let (mut tags, mut list) = (Tags::zeros(WORDS), vec![ZERO; WORDS]);
        for round in 0..2000 {
            let step = [1, 1, 1, 2, 7][below(5)];
            let first = below(WORDS);
            let words = Words { first, step, length: below((WORDS - first).div_ceil(step)) + 1 };
            let pattern = if below(3) == 0 { Pattern::ZEROS } else { Pattern::elements(below(9000) as u64) };
            let places = (0..words.length).map(|index| (index, first + index * step));
            let other = places.clone().find(|(index, word)| list[*word] != pattern.at(*index));
            assert_eq!(tags.other(words, pattern), other.map(|(index, word)| (index, list[word])));
            if round % 50 == 0 {
                tags.age();
                list.iter_mut().filter(|tag| **tag != ZERO).for_each(|tag| *tag = OLD);
            } else {
                tags.write(words, pattern);
                places.for_each(|(index, word)| list[word] = pattern.at(index));
                assert_eq!(tags.other(words, pattern), None);
            }
        }
    }
}
