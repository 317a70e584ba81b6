//! Reference outputs beside the models: `refs/refs.json` says which input gives which output.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::models;
use crate::numpy::RandomState;

/// One recorded run of a model with one input.
#[derive(Debug, Clone)]
pub struct Reference {
    /// File name of the model.
    pub model: String,
    /// Name of the input.
    pub case: String,
    /// Shape of the input tensor.
    pub shape: Vec<usize>,
    /// Elements of the input tensor, computed here and not by the module.
    pub tensor: Vec<f32>,
    /// The picture that the tensor was made from, if there is one.
    pub picture: Option<RecordedPicture>,
    /// Outputs in the order of the graph.
    pub outputs: Vec<Vec<f32>>,
}

/// A picture of exactly the input's size.
#[derive(Debug, Clone)]
pub struct RecordedPicture {
    /// Packed RGB bytes.
    pub rgb: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// All runs of a model with one input, from the folder of models.
///
/// # Errors
/// If a file is missing or not what it should be, and if a tensor made here is not the one that was recorded.
pub fn of(folder: &Path, model: &str) -> Result<Vec<Reference>> {
    let index: Value = serde_json::from_slice(&models::read(&folder.join("refs/refs.json"))?)?;
    let runs = index["runs"].as_array().context("refs.json has no runs")?;
    let found: Vec<Reference> = runs
        .iter()
        .filter(|run| run["model"] == model)
        .map(|run| reference(folder, model, run).with_context(|| format!("reference {} of {model}", run["case"])))
        .collect::<Result<_>>()?;
    ensure!(!found.is_empty(), "refs.json has no run of {model}");
    Ok(found)
}

fn reference(folder: &Path, model: &str, run: &Value) -> Result<Reference> {
    let inputs = run["inputs"].as_object().context("no inputs")?;
    let [input] = &inputs.values().collect::<Vec<_>>()[..] else { bail!("more than one input") };
    let shape = sizes(&input["tensor_shape"])?;
    let (tensor, picture) = match input["kind"].as_str() {
        Some("rgb" | "gray") => {
            let bytes = models::read(&folder.join("../images").join(text(&input["file"])?))?;
            let picture = sizes(&input["shape"])?;
            let &[height, width] = &picture[..] else { bail!("a picture has two sides") };
            let prep = text(&input["prep"])?;
            let tensor = preprocessed(&bytes, width * height, prep.strip_suffix("_f16").unwrap_or(&prep))?;
            (tensor, Some(recorded(bytes, width, height)?))
        }
        Some("f32") => {
            let bytes = models::read(&folder.join("../images").join(text(&input["file"])?))?;
            (words(&bytes), None)
        }
        Some(kind) => bail!("unknown kind {kind}"),
        None => {
            let number = |key: &str| input[key].as_f64().with_context(|| format!("no {key}"));
            let seed = u32::try_from(input["seed"].as_u64().context("no seed")?)?;
            let (low, high) = (number("lo")?, number("hi")?);
            let mut random = RandomState::seeded(seed);
            ((0..shape.iter().product()).map(|_| random.uniform(low, high) as f32).collect(), None)
        }
    };
    let (tensor, bytes): (Vec<f32>, Vec<u8>) = if input["tensor_dtype"] == "float16" {
        let halves = tensor.iter().map(|element| half(*element)).collect::<Result<Vec<u16>>>()?;
        let bytes: Vec<u8> = halves.iter().flat_map(|bits| bits.to_le_bytes()).collect();
        let sizes = vec![halves.len() as u64];
        let wide = runtime::Tensor::new(abi::DataType::F16, sizes, bytes.clone())?.widened();
        (wide.and_then(|wide| wide.f32s()).context("no float16")?, bytes)
    } else {
        let bytes = tensor.iter().flat_map(|element| element.to_le_bytes()).collect();
        (tensor, bytes)
    };
    let digest = abi::Digest::of(&bytes).to_string();
    ensure!(digest == text(&input["tensor_sha256"])?, "the tensor made here is not the recorded one");
    let outputs = run["outputs"].as_array().context("no outputs")?;
    let outputs = outputs
        .iter()
        .map(|output| floats(&models::read(&folder.join("refs").join(text(&output["file"])?))?))
        .collect::<Result<_>>()?;
    Ok(Reference { model: model.to_owned(), case: text(&run["case"])?, shape, tensor, picture, outputs })
}

fn text(value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).context("not a text")
}

fn sizes(value: &Value) -> Result<Vec<usize>> {
    let sizes = value.as_array().context("not a list")?.iter();
    sizes.map(|size| Ok(usize::try_from(size.as_u64().context("not a size")?)?)).collect()
}

/// Little-endian numbers.
fn words(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|word| f32::from_le_bytes([word[0], word[1], word[2], word[3]])).collect()
}

/// The elements of an `.npy` file of numbers in single or half precision.
fn floats(file: &[u8]) -> Result<Vec<f32>> {
    let tensor = runtime::npy::read(file)?;
    tensor.widened().unwrap_or(tensor).f32s().context("neither single- nor half-precision numbers")
}

/// The nearest number in half precision, of those that are in its normal range.
fn half(value: f32) -> Result<u16> {
    ensure!((6.2e-5..65504.0).contains(&value.abs()), "{value} is not in the normal range of half precision");
    let bits = value.to_bits() & 0x7fff_ffff;
    let rounded = (bits + 0x0fff + (bits >> 13 & 1)) >> 13;
    let sign = if value.is_sign_negative() { 0x8000 } else { 0 };
    Ok(sign | u16::try_from(rounded - (112 << 10))?)
}

fn recorded(bytes: Vec<u8>, width: usize, height: usize) -> Result<RecordedPicture> {
    let rgb = match bytes.len() / (width * height) {
        3 => bytes,
        1 => bytes.into_iter().flat_map(|gray| [gray; 3]).collect(),
        channels => bail!("{channels} channels"),
    };
    Ok(RecordedPicture { rgb, width: width.try_into()?, height: height.try_into()? })
}

/// The formulas of NumPy that the recorded tensors were made with, rounding included.
fn preprocessed(bytes: &[u8], pixels: usize, name: &str) -> Result<Vec<f32>> {
    let channels = bytes.len() / pixels;
    let value = |channel: usize, byte: u8| -> Result<f32> {
        let p = f32::from(byte);
        Ok(match name {
            "imagenet" => (p / 255.0 - [0.485, 0.456, 0.406][channel]) / [0.229, 0.224, 0.225][channel],
            "caffe" => p - [103.939, 116.779, 123.68][channel],
            "tf" => p / 127.5 - 1.0,
            "lite" => (p - 127.0) / 128.0,
            "unit" => p / 255.0,
            "raw" | "bgr" => p,
            other => bail!("unknown preprocessing {other}"),
        })
    };
    let source = |channel: usize| if matches!(name, "caffe" | "bgr") { channels - 1 - channel } else { channel };
    let positions = (0..channels).flat_map(|channel| (0..pixels).map(move |pixel| (channel, pixel)));
    positions.map(|(channel, pixel)| value(channel, bytes[pixel * channels + source(channel)])).collect()
}
