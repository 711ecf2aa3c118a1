//! stub
#[derive(clap::Args)]
pub struct Args {}
pub fn run(_: Args) -> Result<(), super::Failure> {
    Ok(())
}
