use abi::{ChannelOrder, Filter, Layout, Manifest, ModelDecl, Place, Preprocess, Resize, State};

use super::report::{Head, Report};
use crate::render::listing::Listing;
use crate::render::printable::printable;
use crate::render::ranking::shortened;
use crate::render::style::Style;
use crate::render::{tensor, units};
use crate::wasm_file::WasmFile;

/// Types of functions that are longer are broken after a comma.
const LINE: usize = 100;

/// How many labels are shown.
const LABELS: usize = 5;

/// What the file is, offers and holds.
pub(super) fn facts(report: &Report, style: Style) -> String {
    let mut text = part(&report.file, &file(report), style);
    if !report.functions.is_empty() {
        let mut listing = Listing::new();
        for function in &report.functions {
            let gap = if function.about.is_empty() { "" } else { "  " };
            let mut call = wrapped(&function.call);
            call.last_mut().expect("there is a first line").extend([gap, &function.about]);
            lines(&function.name, call, &mut listing);
        }
        text.push_str(&part("functions", &listing, style));
    }
    if let Some(model) = model_of(report) {
        text.push_str(&part("model", &self::model(model), style));
    }
    if let Some(module) = &report.module {
        let is_component = report.convention.as_deref() == Some("component");
        let listing = if is_component { component(module) } else { self::module(module) };
        text.push_str(&part("module", &listing, style));
    }
    text
}

/// The steps of a compiled model; nothing for other files.
pub(super) fn steps(report: &Report, style: Style) -> String {
    let Some(model) = model_of(report) else { return String::new() };
    let mut listing = Listing::new();
    for (index, name) in model.step_names.iter().enumerate() {
        listing.row(index.to_string(), name);
    }
    part("steps", &listing, style)
}

/// Why the file cannot be used; nothing if it can.
pub(super) fn problem(report: &Report, style: Style) -> String {
    let problem = report.problem.as_deref().map(printable);
    problem.map(|problem| format!("{} {problem}\n", style.red("cannot be used:"))).unwrap_or_default()
}

fn model_of(report: &Report) -> Option<&ModelDecl> {
    report.manifest.as_ref()?.model.as_ref()
}

fn part(title: &str, listing: &Listing, style: Style) -> String {
    format!("{}\n{}", style.bold(printable(title)), listing.text(style))
}

fn file(report: &Report) -> Listing {
    let mut listing = Listing::new();
    listing.row("size", format!("{} ({} bytes)", units::bytes(report.bytes as u64), report.bytes));
    listing.row("digest", report.digest.to_string());
    listing.row("head", head(&report.head));
    if let Some(manifest) = &report.manifest {
        named(manifest, &mut listing);
    }
    if let Some(convention) = &report.convention {
        let classic = match &report.classic[..] {
            [] => String::new(),
            names => format!(", with --convention classic also: {}", names.join(", ")),
        };
        listing.row("convention", format!("{convention}{classic}"));
    }
    if !report.allow.is_empty() {
        listing.row("asks for", format!("{}, which its slot has to allow", report.allow.join(", ")));
    }
    if let Some(reason) = report.window_wanted {
        listing.row("window", format!("none: {reason}; choose `end`, `42` or `alloc:NAME` with --window"));
    }
    listing
}

fn head(head: &Head) -> String {
    match head {
        Head::Sealed => "sealed: length and hash hold".into(),
        Head::Unsealed => "unsealed: nothing shows whether the file is whole".into(),
        Head::Stripped => "stripped: the module was made with a head section, which is gone".into(),
        Head::Broken { reason } => format!("broken: {reason}"),
    }
}

fn named(manifest: &Manifest, listing: &mut Listing) {
    listing.row("name", format!("{}, version {}", shortened(&manifest.name), shortened(&manifest.version)));
    listing.row(
        "state",
        match manifest.state {
            State::Stateless => "stateless: any instance serves any call",
            State::Slot => "slot: one instance serves all calls and keeps its memory",
            State::Keyed => "keyed: one instance for each key",
        },
    );
    if let Some(window) = &manifest.window {
        listing.row("window", window.to_string());
    }
    let producer = &manifest.producer;
    let options: Vec<String> = producer.options.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let options = if options.is_empty() { String::new() } else { format!(" ({})", options.join(", ")) };
    listing.row("producer", format!("{} {}{options}", producer.name, producer.version));
}

fn model(model: &ModelDecl) -> Listing {
    let mut listing = Listing::new();
    listing.row("onnx", model.onnx.to_string());
    for (name, tensors) in [("inputs", &model.inputs), ("outputs", &model.outputs)] {
        for (index, decl) in tensors.iter().enumerate() {
            let place = format!("{} at {:#x}", tensor::decl_text(decl), decl.address);
            listing.row(if index == 0 { name } else { "" }, place);
        }
    }
    listing.row("work", format!("{} multiply-accumulates", units::count(model.macs)));
    listing.row("steps", format!("{} (--steps shows them)", model.steps));
    listing.row("weights", units::bytes(model.weights_bytes));
    listing.row("pictures", model.preprocess.as_ref().map_or("not taken".into(), preprocess));
    listing.row("labels", labels(&model.labels));
    let golden = model.golden.as_ref().map(|golden| {
        let probes: usize = golden.outputs.iter().map(|output| output.positions.len()).sum();
        format!("{} within {} of the largest value", units::plural(probes, "value"), golden.tolerance)
    });
    listing.row("known answers", golden.unwrap_or_else(|| "none".into()));
    listing
}

fn preprocess(preprocess: &Preprocess) -> String {
    let resize = match preprocess.resize {
        Resize::Stretch => "stretched to the input".into(),
        Resize::ShorterSide { pixels } => format!("shorter side to {pixels} pixels, center cropped"),
        Resize::Letterbox { fill, place } => {
            let place = match place {
                Place::TopLeft => "at the top left",
                Place::Center => "in the center",
            };
            format!("letterboxed {place} on {fill:?}")
        }
    };
    let filter = match preprocess.filter {
        Filter::Nearest => "nearest",
        Filter::Bilinear => "bilinear",
        Filter::Bicubic => "bicubic",
    };
    let layout = match preprocess.layout {
        Layout::Nchw => "nchw",
        Layout::Nhwc => "nhwc",
    };
    let channels = match preprocess.channels {
        ChannelOrder::Rgb => "RGB",
        ChannelOrder::Bgr => "BGR",
        ChannelOrder::Gray => "gray",
    };
    let Preprocess { name, mean, scale, .. } = preprocess;
    format!("`{}`: {resize}, {filter}, {channels} {layout}, (p - {mean:?}) * {scale:?}", shortened(name))
}

fn labels(labels: &[String]) -> String {
    let first: Vec<String> = labels.iter().take(LABELS).map(|label| shortened(label)).collect();
    match labels.len() {
        0 => "none".into(),
        count if count > first.len() => format!("{count}: {}, ...", first.join(", ")),
        count => format!("{count}: {}", first.join(", ")),
    }
}

/// What the core modules of a component come to; what it exports are its functions.
fn component(module: &WasmFile) -> Listing {
    let mut listing = sizes(module);
    listing.row("memory", format!("{} at start", units::bytes(module.start_memory_bytes)));
    listing.row("features", features(module));
    listing
}

fn sizes(module: &WasmFile) -> Listing {
    let mut listing = Listing::new();
    listing.row("code", units::bytes(module.code_bytes));
    listing.row("data", units::bytes(module.data_bytes));
    listing
}

fn features(module: &WasmFile) -> String {
    if module.features.is_empty() { "WebAssembly 2.0".into() } else { module.features.join(", ") }
}

fn module(module: &WasmFile) -> Listing {
    let mut listing = sizes(module);
    let memory = module.memory.as_ref().map(|memory| {
        let limit =
            memory.max_bytes.map_or("no limit of its own".into(), |max| format!("at most {}", units::bytes(max)));
        format!("{} at start, {limit}", units::bytes(memory.min_bytes))
    });
    listing.row("memory", memory.unwrap_or_else(|| "none exported".into()));
    listing.row("features", features(module));
    let imports =
        module.imports.iter().map(|import| format!("{}.{}  {}", import.module, import.name, import.entity.text()));
    lines("imports", imports.collect(), &mut listing);
    let exports = module.exports.iter().map(|export| format!("{}  {}", export.name, export.entity.text()));
    lines("exports", exports.collect(), &mut listing);
    listing
}

/// A long text on several lines, which end where something is listed.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for (index, piece) in text.split_inclusive(", ").enumerate() {
        let line = lines.last_mut().expect("there is a first line");
        if index > 0 && line.chars().count() + piece.trim_end().chars().count() > LINE {
            lines.push(format!("  {piece}"));
        } else {
            line.push_str(piece);
        }
    }
    lines
}

fn lines(name: &str, lines: Vec<String>, listing: &mut Listing) {
    if lines.is_empty() {
        listing.row(name, "none");
    }
    for (index, line) in lines.into_iter().enumerate() {
        listing.row(if index == 0 { name } else { "" }, line);
    }
}

#[cfg(test)]
mod tests {
    use super::{LINE, wrapped};

    #[test]
    fn long_types_go_on_in_the_next_line() {
        assert_eq!(wrapped("func()"), ["func()"]);
        let text = format!("func({})", ["parameter: u32"; 12].join(", "));
        let lines = wrapped(&text);
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.chars().count() <= LINE + 2), "{lines:?}");
        assert_eq!(lines.join("").replace("  p", "p"), text);
        let name = "n".repeat(300);
        assert_eq!(wrapped(&name), [name]);
    }
}
