// Loads the programs of an object file, and prints the verifier's whole log of one that is refused.
use aya::{programs::Program, EbpfLoader, VerifierLogLevel};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name an object file")?;
    let level = VerifierLogLevel::DEBUG | VerifierLogLevel::STATS; // the default; DISABLE hides the log
    let mut object = EbpfLoader::new().verifier_log_level(level).load_file(path)?;
    for (name, program) in object.programs_mut() {
        let loaded = match program {
            Program::Xdp(program) => program.load(),
            Program::KProbe(program) => program.load(),
            Program::TracePoint(program) => program.load(),
            other => return Err(format!("{name}: add a line for {:?}", other.prog_type()).into()),
        };
        if let Err(error) = loaded {
            eprintln!("{name}: {error}"); // {:?} would escape the log's lines
            std::process::exit(1);
        }
    }
    Ok(())
}
