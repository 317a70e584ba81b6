//! Two inferences on tags.
//!
//! The arena is replayed window by window, because a tag takes twice the memory of the element it stands for. Elements
//! go in runs: a row of a view and consecutive elements of one root.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use ir::{Graph, Node, Padding, ValueId};

use super::roots::{Roots, Run};
use super::tags::{OLD, Pattern, Tag, Tags, Words, ZERO};
use super::{At, CheckError, structure};
use crate::view::{Row, View};
use crate::{Kernel, Operand, Plan, Port, Step};

/// Bytes of the arena that are replayed at a time.
const WINDOW: u64 = 1 << 26;

pub(super) fn check(plan: &Plan) -> Result<(), CheckError> {
    check_by(plan, WINDOW)
}

/// Checks a plan in windows of that many bytes.
pub(super) fn check_by(plan: &Plan, window: u64) -> Result<(), CheckError> {
    let definitions = plan.graph.nodes().iter().map(|node| (node.output, node)).collect();
    let roots = Roots::of(plan);
    let (start, end) = (u64::from(plan.arena_start), u64::from(plan.arena_end));
    let mut replay = Replay {
        plan,
        definitions: &definitions,
        roots: &roots,
        constants: HashSet::new(),
        tags: Tags::zeros(0),
        window: start..start,
    };
    // A plan without an arena has one window, too.
    loop {
        replay.window = replay.window.end..end.min(replay.window.end + window);
        let words = (replay.window.end - replay.window.start).div_ceil(4);
        replay.tags = Tags::zeros(usize::try_from(words).expect("a window fits the memory"));
        replay.inference()?;
        replay.tags.age();
        replay.inference()?;
        if replay.window.end == end {
            return Ok(());
        }
    }
}

struct Replay<'p> {
    plan: &'p Plan,
    definitions: &'p HashMap<ValueId, &'p Node>,
    roots: &'p Roots,
    /// Those that were found among the weights.
    constants: HashSet<(ValueId, View)>,
    /// Of the words from `window.start`.
    tags: Tags,
    /// Addresses.
    window: Range<u64>,
}

impl Replay<'_> {
    fn inference(&mut self) -> Result<(), CheckError> {
        let plan = self.plan;
        for (id, port) in plan.graph.inputs().iter().zip(&plan.inputs) {
            self.write(&|| At::host(0), *id, &dense(&plan.graph, *id, port))?;
        }
        for (index, step) in plan.steps.iter().enumerate() {
            self.step(&|| At::of(index, step), step)?;
        }
        let done = || At::host(plan.steps.len());
        let outputs = plan.graph.outputs().iter().map(|output| output.value).zip(&plan.outputs);
        for (id, port) in plan.graph.inputs().iter().copied().zip(&plan.inputs).chain(outputs) {
            self.read(&done, id, &dense(&plan.graph, id, port))?;
        }
        Ok(())
    }

    fn step(&mut self, at: Place<'_>, step: &Step) -> Result<(), CheckError> {
        if step.kernel == Kernel::ZeroBorder {
            for row in step.write.view.border_rows() {
                if let Some(part) = self.inside(at, row)? {
                    self.tags.write(part.words, Pattern::ZEROS);
                }
            }
            return Ok(());
        }
        self.reads(at, step)?;
        self.write(at, step.write.value, &step.write.view)?;
        // Kernels read while they write: what they read must outlast the step.
        self.reads(at, step)
    }

    fn reads(&mut self, at: Place<'_>, step: &Step) -> Result<(), CheckError> {
        for (index, Operand { value, view }) in step.reads.iter().enumerate() {
            self.read(at, *value, view)?;
            let reader = self.definitions.get(&step.write.value).filter(|node| node.inputs.first() == Some(value));
            if let Some(node) = reader.filter(|_| index == 0) {
                let border = structure::border(&self.plan.graph, node);
                self.border(at, *value, view, border)?;
            }
        }
        Ok(())
    }

    fn read(&mut self, at: Place<'_>, value: ValueId, view: &View) -> Result<(), CheckError> {
        if view.address < self.plan.arena_start {
            return self.constant(at, value, view);
        }
        let elements = self.elements(at, view)?;
        for segment in segments(self.roots, value, view, elements) {
            let Some(part) = self.inside(at, segment.row)? else { continue };
            let expected = Pattern::elements(segment.tag).skip(part.skipped);
            self.expect(at, value, part.skipped + segment.element, part.words, expected)?;
        }
        Ok(())
    }

    /// The border that a kernel reads is zero.
    fn border(&self, at: Place<'_>, value: ValueId, view: &View, border: Padding) -> Result<(), CheckError> {
        if border == Padding::ZERO {
            return Ok(());
        }
        let read = View { border, ..view.clone() };
        let mut before = 0;
        for row in read.border_rows() {
            if let Some(part) = self.inside(at, row)? {
                self.expect(at, value, before + part.skipped, part.words, Pattern::ZEROS)?;
            }
            before += row.length;
        }
        Ok(())
    }

    /// The words hold the elements from `first` on.
    fn expect(
        &self,
        at: Place<'_>,
        value: ValueId,
        first: usize,
        words: Words,
        expected: Pattern,
    ) -> Result<(), CheckError> {
        let Some((index, found)) = self.tags.other(words, expected) else { return Ok(()) };
        let found = match found {
            ZERO => "zero".to_owned(),
            OLD => "a number of the inference before".to_owned(),
            element => format!("element {} of value {}", element & 0xffff_ffff, element >> 32),
        };
        let address = self.window.start + 4 * (words.first + index * words.step) as u64;
        Err(CheckError::Stale { at: at(), value: value.index(), element: first + index, address, found })
    }

    fn write(&mut self, at: Place<'_>, value: ValueId, view: &View) -> Result<(), CheckError> {
        let elements = self.elements(at, view)?;
        for segment in segments(self.roots, value, view, elements) {
            let Some(part) = self.inside(at, segment.row)? else { continue };
            self.tags.write(part.words, Pattern::elements(segment.tag).skip(part.skipped));
        }
        Ok(())
    }

    /// The words of a constant that is read as it is are among the weights.
    fn constant(&mut self, at: Place<'_>, value: ValueId, view: &View) -> Result<(), CheckError> {
        // It does not change.
        if !self.constants.insert((value, view.clone())) {
            return Ok(());
        }
        let outside = |address| CheckError::Outside { at: at(), address };
        let constant = self.plan.graph[value].constant.as_ref().ok_or_else(|| outside(view.address.into()))?;
        for (address, expected) in view.addresses().zip(constant.data()) {
            let word = address.checked_sub(self.plan.weights_start.into()).filter(|offset| offset % 4 == 0);
            let found = word.and_then(|offset| self.plan.weights.get(usize::try_from(offset / 4).ok()?));
            if found.is_none_or(|found| found.to_bits() != expected.to_bits()) {
                return Err(outside(address));
            }
        }
        Ok(())
    }

    /// The elements of a view that may lie in the window, after a check that all lie in the arena.
    fn elements(&self, at: Place<'_>, view: &View) -> Result<Range<usize>, CheckError> {
        let last = view.last_address();
        for address in [u64::from(view.address), last] {
            if address < self.plan.arena_start.into() || address >= self.plan.arena_end.into() {
                return Err(CheckError::Outside { at: at(), address });
            }
        }
        Ok(view.elements_within(&self.window))
    }

    /// The part of a row that lies in the window.
    fn inside(&self, at: Place<'_>, row: Row) -> Result<Option<Part>, CheckError> {
        let last = row.address + row.stride * (row.length as u64 - 1);
        let (start, end) = (u64::from(self.plan.arena_start), u64::from(self.plan.arena_end));
        for address in [row.address, last] {
            if address < start || address >= end || (address - start) % 4 != 0 {
                return Err(CheckError::Outside { at: at(), address });
            }
        }
        let Range { start, end } = self.window;
        if last < start || end <= row.address {
            return Ok(None);
        }
        // A row of one element may have any stride.
        let stride = row.stride.max(1);
        let skipped = start.saturating_sub(row.address).div_ceil(stride);
        let until = (end - row.address).div_ceil(stride).min(row.length as u64);
        if skipped >= until {
            return Ok(None);
        }
        let first = row.address + skipped * row.stride - start;
        let narrow = |number: u64| usize::try_from(number).expect("a window fits the memory");
        let words = Words { first: narrow(first / 4), step: narrow(row.stride / 4), length: narrow(until - skipped) };
        Ok(Some(Part { words, skipped: narrow(skipped) }))
    }
}

/// Where in the schedule one is, for messages.
type Place<'a> = &'a dyn Fn() -> At;

/// The words of a row that lie in the window.
struct Part {
    words: Words,
    /// Elements of the row before them.
    skipped: usize,
}

/// Consecutive elements of a view that are consecutive elements of one root.
struct Segment {
    row: Row,
    /// Of the first element; those of the others follow.
    tag: Tag,
    /// Elements of the view before it.
    element: usize,
}

/// Some elements of a value in a view.
fn segments(roots: &Roots, value: ValueId, view: &View, elements: Range<usize>) -> impl Iterator<Item = Segment> {
    let mut runs = roots.runs(value, elements.clone());
    let mut element = elements.start;
    let mut rows = view.rows(elements);
    let mut row = Row { address: 0, stride: 0, length: 0 };
    let mut run = Run { value: 0, start: 0, length: 0 };
    std::iter::from_fn(move || {
        if row.length == 0 {
            row = rows.next()?;
        }
        if run.length == 0 {
            run = runs.next()?;
        }
        let length = row.length.min(run.length as usize);
        let tag = u64::from(run.value) << 32 | u64::from(run.start);
        let segment = Segment { row: Row { length, ..row }, tag, element };
        element += length;
        row = Row { address: row.address + row.stride * length as u64, length: row.length - length, ..row };
        // No run is longer than a `u32`.
        run = Run { start: run.start + length as u32, length: run.length - length as u32, ..run };
        Some(segment)
    })
}

/// What the host reads or writes.
fn dense(graph: &Graph, id: ValueId, port: &Port) -> View {
    let ty = &graph[id].ty;
    View { address: port.address, shape: ty.shape.clone(), strides: ty.strides(), border: Padding::ZERO }
}
