//! What a component is composed of. Each component inside can be instantiated several times, and what it consists of
//! again each time, so that a few bytes describe a tree without end. The engine makes the whole tree when it compiles.

use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind, ComponentTypeRef, Encoding,
    Instance, Parser, Payload,
};

use super::cost::{at_most, invalid};
use crate::limits::CORE_INSTANCES_MAX;
use crate::load_error::LoadError;

const PARTS_MAX: u64 = 100_000;
/// Each part costs as much as so many bytes of code.
const PART: u64 = 16;
/// Between two core instances, each byte of types may become code that carries values.
const TYPE_BYTE: u64 = 2;

/// The cost of composing a component that is valid.
pub(super) fn cost(bytes: &[u8]) -> Result<u64, LoadError> {
    let mut open: Vec<Component> = vec![];
    let mut type_bytes = 0_u64;
    // Inside a core module there is nothing to count.
    let mut in_module = false;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(invalid)? {
            Payload::Version { encoding: Encoding::Module, .. } => in_module = true,
            Payload::Version { encoding: Encoding::Component, .. } => open.push(Component::default()),
            Payload::End(_) if in_module => in_module = false,
            Payload::End(_) => {
                let Some(Component { tree, .. }) = open.pop() else { break };
                let Some(outer) = open.last_mut() else {
                    at_most("core instances", tree.core_instances, CORE_INSTANCES_MAX as u64)?;
                    at_most("parts, each counted as often as its component is used", tree.parts, PARTS_MAX)?;
                    return Ok(PART * tree.parts + TYPE_BYTE * type_bytes * tree.core_instances);
                };
                outer.components.push(tree);
            }
            Payload::ComponentTypeSection(types) => type_bytes += types.range().len() as u64,
            payload => payload_of_component(&mut open, payload)?,
        }
    }
    Ok(0)
}

/// What one instance makes, everything inside included.
#[derive(Debug, Clone, Copy, Default)]
struct Tree {
    core_instances: u64,
    parts: u64,
}

impl Tree {
    fn add(&mut self, other: Self) {
        self.core_instances = self.core_instances.saturating_add(other.core_instances);
        self.add_parts(other.parts);
    }

    fn add_parts(&mut self, parts: u64) {
        self.parts = self.parts.saturating_add(parts);
    }
}

#[derive(Debug, Default)]
struct Component {
    tree: Tree,
    /// By the number of the component.
    components: Vec<Tree>,
}

fn payload_of_component(open: &mut [Component], payload: Payload<'_>) -> Result<(), LoadError> {
    let Some(depth) = open.len().checked_sub(1) else { return Ok(()) };
    match payload {
        Payload::ComponentAliasSection(aliases) => {
            for alias in aliases {
                open[depth].tree.add_parts(1);
                match alias.map_err(invalid)? {
                    ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
                        let outer = depth.checked_sub(count as usize);
                        let tree = outer.and_then(|outer| open[outer].components.get(index as usize).copied());
                        open[depth].components.extend(tree);
                    }
                    ComponentAlias::InstanceExport { kind: ComponentExternalKind::Component, .. } => {
                        return Err(LoadError::PassedComponent);
                    }
                    _ => {}
                }
            }
        }
        Payload::ComponentInstanceSection(instances) => {
            let Component { tree, components } = &mut open[depth];
            for instance in instances {
                tree.add_parts(1);
                match instance.map_err(invalid)? {
                    ComponentInstance::Instantiate { component_index, args } => {
                        tree.add_parts(args.len() as u64);
                        tree.add(components.get(component_index as usize).copied().unwrap_or_default());
                    }
                    ComponentInstance::FromExports(exports) => tree.add_parts(exports.len() as u64),
                }
            }
        }
        Payload::InstanceSection(instances) => {
            let tree = &mut open[depth].tree;
            for instance in instances {
                tree.add_parts(1);
                match instance.map_err(invalid)? {
                    Instance::Instantiate { args, .. } => {
                        tree.core_instances = tree.core_instances.saturating_add(1);
                        tree.add_parts(args.len() as u64);
                    }
                    Instance::FromExports(exports) => tree.add_parts(exports.len() as u64),
                }
            }
        }
        Payload::ComponentImportSection(imports) => {
            for import in imports {
                open[depth].tree.add_parts(1);
                if let ComponentTypeRef::Component(_) = import.map_err(invalid)?.ty {
                    return Err(LoadError::PassedComponent);
                }
            }
        }
        Payload::ComponentExportSection(exports) => {
            let Component { tree, components } = &mut open[depth];
            for export in exports {
                tree.add_parts(1);
                let export = export.map_err(invalid)?;
                if export.kind == ComponentExternalKind::Component {
                    components.extend(components.get(export.index as usize).copied());
                }
            }
        }
        Payload::ComponentCanonicalSection(functions) => open[depth].tree.add_parts(functions.count().into()),
        _ => {}
    }
    Ok(())
}
