//! Two inferences on tags.

use std::collections::HashMap;

use ir::{Graph, Node, Padding, ValueId};

use super::roots::Roots;
use super::{At, CheckError, structure};
use crate::view::View;
use crate::{Kernel, Operand, Plan, Port, Step};

/// What a word of the arena holds: nothing since the start or a cleared border, a number of an earlier inference, or an
/// element, as its root and position.
type Tag = u64;
const ZERO: Tag = u64::MAX;
const OLD: Tag = u64::MAX - 1;

pub(super) fn check(plan: &Plan) -> Result<(), CheckError> {
    let words = (plan.arena_end - plan.arena_start).div_ceil(4) as usize;
    let definitions = plan.graph.nodes().iter().map(|node| (node.output, node)).collect();
    let mut replay = Replay { plan, tags: vec![ZERO; words], definitions, roots: Roots::of(plan) };
    replay.inference()?;
    for tag in replay.tags.iter_mut().filter(|tag| **tag != ZERO) {
        *tag = OLD;
    }
    replay.inference()
}

struct Replay<'p> {
    plan: &'p Plan,
    tags: Vec<Tag>,
    definitions: HashMap<ValueId, &'p Node>,
    roots: Roots,
}

impl Replay<'_> {
    fn inference(&mut self) -> Result<(), CheckError> {
        let plan = self.plan;
        for (id, port) in plan.graph.inputs().iter().zip(&plan.inputs) {
            self.write(&At::host(0), *id, &dense(&plan.graph, *id, port))?;
        }
        for (index, step) in plan.steps.iter().enumerate() {
            self.step(&At::of(index, step), step)?;
        }
        let done = At::host(plan.steps.len());
        let outputs = plan.graph.outputs().iter().map(|output| output.value).zip(&plan.outputs);
        for (id, port) in plan.graph.inputs().iter().copied().zip(&plan.inputs).chain(outputs) {
            self.read(&done, id, &dense(&plan.graph, id, port))?;
        }
        Ok(())
    }

    fn step(&mut self, at: &At, step: &Step) -> Result<(), CheckError> {
        if step.kernel == Kernel::ZeroBorder {
            for address in step.write.view.border_addresses() {
                *self.word(at, address)? = ZERO;
            }
            return Ok(());
        }
        self.reads(at, step)?;
        self.write(at, step.write.value, &step.write.view)?;
        // Kernels read while they write: what they read must outlast the step.
        self.reads(at, step)
    }

    fn reads(&mut self, at: &At, step: &Step) -> Result<(), CheckError> {
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

    fn read(&mut self, at: &At, value: ValueId, view: &View) -> Result<(), CheckError> {
        if view.address < self.plan.arena_start {
            return self.constant(at, value, view);
        }
        let tags = self.roots.elements(value);
        for (element, (address, tag)) in view.addresses().zip(tags).enumerate() {
            self.expect(at, value, element, address, pack(tag))?;
        }
        Ok(())
    }

    /// The border that a kernel reads is zero.
    fn border(&mut self, at: &At, value: ValueId, view: &View, border: Padding) -> Result<(), CheckError> {
        if border == Padding::ZERO {
            return Ok(());
        }
        let read = View { border, ..view.clone() };
        for (element, address) in read.border_addresses().enumerate() {
            self.expect(at, value, element, address, ZERO)?;
        }
        Ok(())
    }

    fn expect(&mut self, at: &At, value: ValueId, element: usize, address: u64, tag: Tag) -> Result<(), CheckError> {
        let found = *self.word(at, address)?;
        if found == tag {
            return Ok(());
        }
        let found = match found {
            ZERO => "zero".to_owned(),
            OLD => "a number of the inference before".to_owned(),
            element => format!("element {} of value {}", element & 0xffff_ffff, element >> 32),
        };
        Err(CheckError::Stale { at: at.clone(), value: value.index(), element, address, found })
    }

    fn write(&mut self, at: &At, value: ValueId, view: &View) -> Result<(), CheckError> {
        let tags = self.roots.elements(value);
        for (address, tag) in view.addresses().zip(tags) {
            *self.word(at, address)? = pack(tag);
        }
        Ok(())
    }

    /// The words of a constant that is read as it is are among the weights.
    fn constant(&self, at: &At, value: ValueId, view: &View) -> Result<(), CheckError> {
        let outside = |address| CheckError::Outside { at: at.clone(), address };
        let constant = self.plan.graph[value].constant.as_ref().ok_or(outside(view.address.into()))?;
        for (address, expected) in view.addresses().zip(constant.data()) {
            let word = address.checked_sub(self.plan.weights_start.into()).filter(|offset| offset % 4 == 0);
            let found = word.and_then(|offset| self.plan.weights.get(usize::try_from(offset / 4).ok()?));
            if found.is_none_or(|found| found.to_bits() != expected.to_bits()) {
                return Err(outside(address));
            }
        }
        Ok(())
    }

    fn word(&mut self, at: &At, address: u64) -> Result<&mut Tag, CheckError> {
        let offset = address.checked_sub(u64::from(self.plan.arena_start)).filter(|offset| offset % 4 == 0);
        offset
            .and_then(|offset| self.tags.get_mut(usize::try_from(offset / 4).ok()?))
            .ok_or_else(|| CheckError::Outside { at: at.clone(), address })
    }
}

/// What the host reads or writes.
fn dense(graph: &Graph, id: ValueId, port: &Port) -> View {
    let ty = &graph[id].ty;
    View { address: port.address, shape: ty.shape.clone(), strides: ty.strides(), border: Padding::ZERO }
}

fn pack((root, element): (u32, u32)) -> Tag {
    u64::from(root) << 32 | u64::from(element)
}
