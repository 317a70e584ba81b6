use std::path::Path;

use anyhow::Context as _;
use serde_json::Value;

use crate::child;

/// A package of the workspace, as cargo sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Name in its manifest.
    pub name: String,
    /// Folder of its manifest, from the root of the workspace.
    pub folder: String,
    /// The one sentence about it, if it has one.
    pub description: Option<String>,
    /// Packages that it names, of ours and of others.
    pub dependencies: Vec<Dependency>,
}

/// A package that another one names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// Name of the package, whatever the code calls it.
    pub name: String,
    /// Only tests, examples and benchmarks see it.
    pub for_tests: bool,
}

/// The packages of the workspace at `root`.
///
/// # Errors
/// Cargo cannot be run, or answers something else than expected.
pub(super) fn read(root: &Path) -> anyhow::Result<Vec<Package>> {
    parse(&metadata(root)?).context("cannot understand what cargo metadata says")
}

/// `cargo metadata` of the workspace at `root`, without the packages of others.
fn metadata(root: &Path) -> anyhow::Result<Value> {
    let mut metadata = child::cargo();
    metadata.current_dir(root).args(["metadata", "--format-version", "1", "--no-deps"]);
    let output = metadata.output().context("cannot start cargo metadata")?;
    anyhow::ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).context("cargo metadata does not answer JSON")
}

fn parse(metadata: &Value) -> anyhow::Result<Vec<Package>> {
    let root = text(metadata, "workspace_root")?;
    list(metadata, "packages")?.iter().map(|package| parse_package(package, root)).collect()
}

fn parse_package(package: &Value, root: &str) -> anyhow::Result<Package> {
    let manifest = text(package, "manifest_path")?;
    let folder = Path::new(manifest)
        .parent()
        .and_then(|folder| folder.strip_prefix(root).ok())
        .with_context(|| format!("{manifest} does not lie in {root}"))?;
    let dependencies = list(package, "dependencies")?.iter().map(|dependency| {
        Ok(Dependency { name: text(dependency, "name")?.to_owned(), for_tests: dependency["kind"] == "dev" })
    });
    Ok(Package {
        name: text(package, "name")?.to_owned(),
        folder: folder.to_string_lossy().replace('\\', "/"),
        description: package["description"].as_str().map(str::to_owned),
        dependencies: dependencies.collect::<anyhow::Result<_>>()?,
    })
}

fn text<'v>(value: &'v Value, key: &str) -> anyhow::Result<&'v str> {
    value[key].as_str().with_context(|| format!("`{key}` is not a text"))
}

fn list<'v>(value: &'v Value, key: &str) -> anyhow::Result<&'v Vec<Value>> {
    value[key].as_array().with_context(|| format!("`{key}` is not a list"))
}

#[cfg(test)]
mod tests {
    use super::{Dependency, Package};

    fn parse(json: &str) -> anyhow::Result<Vec<Package>> {
        super::parse(&serde_json::from_str(json)?)
    }

    const METADATA: &str = r#"{"workspace_root": "/w", "packages": [{
        "name": "wasmtube-onnx", "description": null, "manifest_path": "/w/crates/onnx/Cargo.toml",
        "dependencies": [{"name": "wasmtube-ir", "rename": "ir", "kind": null}, {"name": "x", "kind": "dev"}]}]}"#;

    #[test]
    fn packages_are_read() {
        let packages = parse(METADATA).unwrap();
        let [onnx] = &packages[..] else { panic!("one package, not {packages:?}") };
        assert_eq!((onnx.name.as_str(), onnx.folder.as_str()), ("wasmtube-onnx", "crates/onnx"));
        assert_eq!(onnx.description, None);
        let dependency = |name: &str, for_tests| Dependency { name: name.to_owned(), for_tests };
        assert_eq!(onnx.dependencies, [dependency("wasmtube-ir", false), dependency("x", true)]);
    }

    #[test]
    fn another_answer_is_an_error() {
        let error = parse(&METADATA.replace("packages", "crates")).unwrap_err();
        assert_eq!(error.to_string(), "`packages` is not a list");
        let error = parse(&METADATA.replace("\"/w\"", "\"/v\"")).unwrap_err();
        assert_eq!(error.to_string(), "/w/crates/onnx/Cargo.toml does not lie in /v");
    }
}
