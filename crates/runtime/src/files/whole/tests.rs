use std::ffi::OsString;
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::files::{NewFile, SystemDisk};

/// The disk of the machine, until its operations are used up: then each fails, as on a full disk, or the process is
/// gone, so that not even the temporary file is removed.
#[derive(Debug)]
struct Ending {
    left: AtomicUsize,
    is_killed: bool,
    done: Mutex<Vec<&'static str>>,
}

impl Ending {
    fn after(operations: usize, is_killed: bool) -> Self {
        Self { left: AtomicUsize::new(operations), is_killed, done: Mutex::default() }
    }

    fn step(&self, operation: &'static str) -> io::Result<()> {
        self.done.lock().unwrap().push(operation);
        let is_left = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
        if is_left { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
    }
}

struct EndingFile<'d>(Box<dyn NewFile>, &'d Ending);

impl io::Write for EndingFile<'_> {
    /// Half of what it gets.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.1.step("write")?;
        self.0.write(&bytes[..bytes.len().div_ceil(2)])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl NewFile for EndingFile<'_> {
    fn sync(&mut self) -> io::Result<()> {
        self.1.step("sync")?;
        self.0.sync()
    }
}

impl Disk for &'static Ending {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        SystemDisk.read(path)
    }

    fn create(&self, path: &Path, like: &Path) -> io::Result<Box<dyn NewFile>> {
        self.step("create")?;
        Ok(Box::new(EndingFile(SystemDisk.create(path, like)?, self)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step("rename")?;
        SystemDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        if self.is_killed {
            return Err(io::ErrorKind::StorageFull.into());
        }
        SystemDisk.remove(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        SystemDisk.list(folder)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.step("sync folder")?;
        SystemDisk.sync_folder(folder)
    }
}

/// The names in a folder, in their order.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        SystemDisk.list(folder).unwrap().into_iter().map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

/// Writes over `old` on a disk that ends after each number of operations in turn. Answers how many it takes.
fn check_every_end(is_killed: bool) -> usize {
    let (old, new) = (b"the old content", b"the new content!");
    for operations in 0.. {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        fs::write(&path, old).unwrap();
        let disk: &'static Ending = Box::leak(Box::new(Ending::after(operations, is_killed)));
        let written = write_whole(&disk, &path, new);
        let content = fs::read(&path).unwrap();
        assert!(content == old || content == new, "{operations}: {content:?}");
        match written {
            Ok(()) => assert_eq!(content, new),
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::StorageFull),
        }
        let left = names(folder.path()).len() - 1;
        assert!(left == 0 || is_killed, "{operations}");
        assert_eq!(sweep(&SystemDisk, &path).unwrap(), left, "{operations}");
        assert_eq!(names(folder.path()), ["f"], "{operations}");
        if disk.left.load(Ordering::Relaxed) > 0 {
            return operations;
        }
    }
    unreachable!("writing takes a finite number of operations")
}

#[test]
fn a_disk_that_fails_leaves_the_old_content_or_the_new_one() {
    assert!(check_every_end(false) > 6);
}

#[test]
fn a_name_is_given_to_certain_content_only() {
    let folder = tempfile::tempdir().unwrap();
    let disk: &'static Ending = Box::leak(Box::new(Ending::after(usize::MAX, false)));
    write_whole(&disk, &folder.path().join("f"), b"content").unwrap();
    let mut done = disk.done.lock().unwrap().clone();
    done.dedup();
    assert_eq!(done, ["create", "write", "sync", "rename", "sync folder"]);
}

#[test]
fn sweep_removes_what_a_kill_left() {
    assert!(check_every_end(true) > 6);
}

#[test]
fn only_what_writing_left_is_swept() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let digits = "0123456789abcdef";
    let of_f = format!(".wasmtube-f-{digits}");
    let others = [
        format!(".wasmtube-f-f-{digits}"),
        format!(".wasmtube-g-{digits}"),
        format!(".wasmtube-f-{digits}0"),
        format!(".wasmtube-f-{}", digits.to_uppercase()),
        ".wasmtube-Ab3Xyz.tmp".into(),
        ".wasmtube-f".into(),
        "f".into(),
        format!("f-{digits}"),
    ];
    for name in others.iter().chain([&of_f]) {
        fs::write(at(name), b"").unwrap();
    }
    assert_eq!(sweep(&SystemDisk, &at("f")).unwrap(), 1);
    assert_eq!(names(folder.path()).len(), others.len());
    assert_eq!(sweep(&SystemDisk, &at("f")).unwrap(), 0);
    assert_eq!(sweep_folder(&SystemDisk, folder.path()).unwrap(), 2);
    assert_eq!(names(folder.path()).len(), others.len() - 2);
    assert_eq!(sweep_folder(&SystemDisk, &at("absent")).unwrap(), 0);
}

#[test]
fn every_file_name_can_be_written_and_swept() {
    for name in ["f".repeat(255), "ä".repeat(120), "a b-0123456789abcdef".into(), "-".into()] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(&name);
        write_whole(&SystemDisk, &path, b"1").unwrap();
        assert_eq!(names(folder.path()), [name]);
        fs::write(temporary(&path).unwrap(), b"half").unwrap();
        assert_eq!(sweep(&SystemDisk, &path).unwrap(), 1);
    }
    assert_eq!(write_whole(&SystemDisk, Path::new("/"), b"1").unwrap_err().to_string(), "/ names no file");
}

#[cfg(unix)]
#[test]
fn a_replaced_file_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f");
    write_whole(&SystemDisk, &path, b"1").unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    write_whole(&SystemDisk, &path, b"2").unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read(&path).unwrap(), b"2");
}
