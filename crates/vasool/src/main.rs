//! The `vasool` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    vasool::cli::main()
}
