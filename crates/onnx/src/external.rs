//! Data that tensors keep in other files than the model's.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use ir::{Code, Diagnostics};

use crate::decode::Limits;
use crate::import::refusal::{Refusal, Result};
use crate::import::{builder, tensor};
use crate::model::{Model, element, shown};
use crate::proto::TensorProto;

/// Gives the bytes of other files. Who implements it opens them and guards against places that are not the model's:
/// locations come from the model as they are, but for those that are refused here, which do not begin at the folder of
/// the model or leave it by `..`.
pub trait ExternalData: fmt::Debug {
    /// The bytes of a part, exactly `part.length` of them.
    ///
    /// # Errors
    /// Why they cannot be had.
    fn read(&self, part: &ExternalPart<'_>) -> std::result::Result<Cow<'_, [u8]>, ExternalError>;
}

/// Some bytes of another file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExternalPart<'p> {
    /// Where the file is, relative to the folder of the model, with `/` between folders.
    pub location: &'p str,
    /// First byte.
    pub offset: u64,
    /// Number of bytes.
    pub length: usize,
}

/// Why data of another file cannot be had, for a diagnostic that names the tensor and the location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalError {
    /// What is wrong, as the end of a sentence that begins with the location: "which ...".
    pub reason: String,
    /// What to do next.
    pub help: String,
}

const WHOLE: &str = "save the model with its data inside: `onnx.save_model(model, path, save_as_external_data=False)`";

/// There are no other files.
impl ExternalData for () {
    fn read(&self, _: &ExternalPart<'_>) -> std::result::Result<Cow<'_, [u8]>, ExternalError> {
        Err(ExternalError { reason: "which was not given".into(), help: WHOLE.into() })
    }
}

/// Files in memory, by their locations.
impl ExternalData for BTreeMap<String, Vec<u8>> {
    fn read(&self, part: &ExternalPart<'_>) -> std::result::Result<Cow<'_, [u8]>, ExternalError> {
        let Some(file) = self.get(part.location) else { return ().read(part) };
        let bytes = usize::try_from(part.offset).ok().and_then(|offset| file.get(offset..)?.get(..part.length));
        bytes.map(Cow::Borrowed).ok_or_else(|| ExternalError::beyond(file.len() as u64, part))
    }
}

impl ExternalError {
    /// A part that ends after its file of `size` bytes.
    #[must_use]
    pub fn beyond(size: u64, part: &ExternalPart<'_>) -> Self {
        let ExternalPart { offset, length, .. } = part;
        Self {
            reason: format!("which has {size} bytes and not {length} from byte {offset}"),
            help: "copy the file again, it was cut or belongs to another version of the model".into(),
        }
    }
}

/// Takes in the data that tensors keep in other files.
///
/// # Errors
/// `E0207` for each tensor whose data cannot be had, `E0102` if it is more than [`Limits::bytes`] in all.
pub fn resolve<'m>(
    mut model: Model<'m>,
    external: &'m dyn ExternalData,
    limits: &Limits,
) -> std::result::Result<Model<'m>, Diagnostics> {
    let mut reasons = vec![];
    let mut left = limits.bytes;
    let attributes = model.graph.node.iter_mut().filter(|node| node.op_type == "Constant");
    let attributes = attributes.flat_map(|node| &mut node.attribute).filter_map(|attribute| {
        let name = attribute.name;
        attribute.t.as_deref_mut().map(|tensor| (name, tensor))
    });
    let initializers = model.graph.initializer.iter_mut().map(|tensor| (tensor.name, tensor));
    for (name, tensor) in initializers.chain(attributes) {
        if tensor.data_location != TensorProto::EXTERNAL {
            continue;
        }
        // What is of another type counts only if it is read, and is refused then.
        let Some(element) = element::size(tensor.data_type) else { continue };
        let name = if tensor.name.is_empty() { name } else { tensor.name };
        match part(tensor, element).and_then(|part| {
            left = left.checked_sub(part.length).ok_or_else(|| {
                let message = format!("more than {} bytes in other files", limits.bytes);
                Refusal::new(Code::Limit, message, "make the model smaller, or split it")
            })?;
            external.read(&part).map_err(|error| unavailable(part.location, &error.reason, error.help))
        }) {
            Ok(bytes) => {
                tensor.raw_data = bytes;
                tensor.data_location = TensorProto::DEFAULT;
            }
            Err(refusal) => reasons.push(refusal.about_tensor(name)),
        }
    }
    Diagnostics::check(reasons)?;
    Ok(model)
}

impl Model<'_> {
    /// The data that was taken in from other files, in the order of the tensors in this one.
    pub fn external_data(&self) -> impl Iterator<Item = &[u8]> {
        let attributes = self.graph.node.iter().flat_map(|node| &node.attribute);
        let attributes = attributes.filter_map(|attribute| attribute.t.as_deref());
        let tensors = self.graph.initializer.iter().chain(attributes);
        tensors.filter(|tensor| !tensor.external_data.is_empty()).map(|tensor| &*tensor.raw_data)
    }

    /// Whether a tensor comes with a checksum of the file that its data is in.
    pub(crate) fn has_checksums(&self) -> bool {
        let entries = self.graph.initializer.iter().flat_map(|tensor| &tensor.external_data);
        entries.into_iter().any(|entry| entry.key == "checksum")
    }
}

/// Which bytes a tensor asks for; without a length as many as it needs.
fn part<'m>(tensor: &TensorProto<'m>, element: usize) -> Result<ExternalPart<'m>> {
    let location = entry(tensor, "location")?.unwrap_or("");
    check_location(location)?;
    let number = |key: &str| match entry(tensor, key)?.map(str::parse::<u64>) {
        None => Ok(None),
        Some(Ok(number)) => Ok(Some(number)),
        Some(Err(_)) => Err(malformed(format!("the {key} of its data is no number"))),
    };
    let offset = number("offset")?.unwrap_or(0);
    let length = match number("length")? {
        Some(length) => usize::try_from(length).unwrap_or(usize::MAX),
        None => builder::elements(&tensor::shape(tensor)?)?.saturating_mul(element),
    };
    Ok(ExternalPart { location, offset, length })
}

fn entry<'m>(tensor: &TensorProto<'m>, key: &str) -> Result<Option<&'m str>> {
    let mut values = tensor.external_data.iter().filter(|entry| entry.key == key).map(|entry| entry.value);
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        (_, Some(_)) => Err(malformed(format!("the {key} of its data is given twice"))),
    }
}

/// A location must stay in the folder of the model on every system.
fn check_location(location: &str) -> Result<()> {
    let leaves = |reason: &str| {
        let help = "put the file beside the model and save the model with its name as the location";
        Err(unavailable(location, reason, help.into()))
    };
    match location {
        "" => Err(malformed("it does not say in which file its data is".into())),
        _ if location.contains(['\0', '\\', ':']) => leaves("which is not a plain path of folders and a file"),
        _ if location.starts_with('/') => leaves("which is an absolute path and may lead anywhere"),
        _ if location.split('/').any(|folder| folder == "..") => leaves("which may leave the folder of the model"),
        _ => Ok(()),
    }
}

fn unavailable(location: &str, reason: &str, help: String) -> Refusal {
    Refusal::new(Code::ExternalData, format!("its data is in \"{}\", {reason}", shown(location)), help)
}

fn malformed(message: String) -> Refusal {
    Refusal::new(Code::ExternalData, message, "save the model again with `onnx.save_model`")
}
