// Loads the programs of an object file; libbpf prints the verifier's whole log of one that is refused.
use libbpf_rs::{set_print, ObjectBuilder, PrintLevel};

fn print(_level: PrintLevel, text: String) {
    eprint!("{text}"); // a logger may cut lines or escape them: the log must stay as it is
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    set_print(Some((PrintLevel::Warn, print)));
    let path = std::env::args().nth(1).ok_or("name an object file")?;
    let _object = ObjectBuilder::default().open_file(path)?.load()?;
    Ok(())
}
