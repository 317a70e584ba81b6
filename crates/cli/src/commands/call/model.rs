//! Whether tensors go with the inputs of a model, and where its outputs are to go.

use runtime::{Tensor, npy};

use crate::args::NamedFile;
use crate::files;
use crate::render::units::plural;
use crate::usage::usage;

/// Refuses another number of tensors than the model has inputs, of these names, and names that it does not have.
pub(super) fn check_inputs(names: &[&str], tensors: &[Tensor]) -> anyhow::Result<()> {
    if tensors.len() != names.len() {
        let inputs = plural(names.len(), "input");
        return Err(usage(format!("the model has {inputs} ({}), {} given", runtime::names(names), tensors.len())));
    }
    match tensors.iter().find(|tensor| !tensor.name.is_empty() && !names.contains(&tensor.name.as_str())) {
        Some(tensor) => {
            Err(usage(format!("the model has no input `{}`: it has {}", tensor.name, runtime::names(names))))
        }
        None => Ok(()),
    }
}

/// Writes each output to the file that names it, or else to the next file without a name.
pub(super) fn write_outputs(outputs: &[Tensor], files: &[NamedFile]) -> anyhow::Result<()> {
    let names: Vec<&str> = outputs.iter().map(|output| output.name.as_str()).collect();
    let (named, positional): (Vec<&NamedFile>, Vec<&NamedFile>) = files.iter().partition(|file| !file.name.is_empty());
    let mut places = Vec::with_capacity(files.len());
    for file in named {
        let output = outputs.iter().find(|output| output.name == file.name);
        let unknown = || usage(format!("the model has no output `{}`: it has {}", file.name, runtime::names(&names)));
        places.push((output.ok_or_else(unknown)?, file));
    }
    let mut rest = outputs.iter().filter(|output| !files.iter().any(|file| file.name == output.name));
    for file in positional {
        let none = || {
            let outputs = plural(names.len(), "output");
            usage(format!(
                "--output {}: the model has {outputs} only ({})",
                file.path.display(),
                runtime::names(&names)
            ))
        };
        places.push((rest.next().ok_or_else(none)?, file));
    }
    places.into_iter().try_for_each(|(output, file)| Ok(files::write(&file.path, &npy::write(output))?))
}
