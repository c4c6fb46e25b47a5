//! Made-up inputs for measuring `cbp recommend`, always the same for the same arguments, on standard output:
//!
//! - `made_up catalogue N`: a catalogue of N courses;
//! - `made_up officials PLAN.json CATALOGUE.json N`: N officials of the plan's posts, one JSON object a line. Each holds some
//!   of what the post requires at some level, has done up to a dozen courses, and half of them have a condition on
//!   language or length.

use std::{
    fs::File,
    io::{BufWriter, Write},
    process::ExitCode,
};

use cbp_benches::made_up::Noise;
use cbp_core::{CapacityBuildingPlan, Catalogue, DesignationPlan};
use cbp_infer::rank::{Held, Official};

type Fault = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args[..] {
        ["catalogue", courses] => catalogue(courses),
        ["officials", plan, catalogue, number] => officials(plan, catalogue, number),
        _ => {
            eprintln!("usage: made_up catalogue N | made_up officials PLAN.json CATALOGUE.json N");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("made_up: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn catalogue(courses: &str) -> Result<(), Fault> {
    let made = Catalogue {
        format: Catalogue::FORMAT.into(),
        version: Catalogue::VERSION,
        ..Noise::new(6).catalogue(courses.parse()?)
    };
    serde_json::to_writer(BufWriter::new(std::io::stdout().lock()), &made)?;
    Ok(())
}

fn officials(plan: &str, catalogue: &str, number: &str) -> Result<(), Fault> {
    let plan: CapacityBuildingPlan = serde_json::from_reader(File::open(plan)?)?;
    let catalogue: Catalogue = serde_json::from_reader(File::open(catalogue)?)?;
    if plan.designations.is_empty() || catalogue.courses.is_empty() {
        return Err("the plan has no post or the catalogue no course".into());
    }
    let mut noise = Noise::new(7);
    let mut out = BufWriter::new(std::io::stdout().lock());
    for number in 0..number.parse::<usize>()? {
        let post = &plan.designations[noise.below(plan.designations.len())];
        serde_json::to_writer(&mut out, &official(&mut noise, number, post, &catalogue))?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
}

fn official(noise: &mut Noise, number: usize, post: &DesignationPlan, catalogue: &Catalogue) -> Official {
    let mut held = Vec::new();
    for requirement in &post.requirements {
        if noise.below(3) == 0 {
            let competency = &requirement.competency;
            let name = competency.id.clone().unwrap_or_else(|| competency.sub_theme.clone());
            held.push(Held { competency: name, level: 1 + noise.below(3) as u8 });
        }
    }
    let done = (0..noise.below(13))
        .map(|_| catalogue.courses[noise.below(catalogue.courses.len())].id.clone())
        .collect();
    let conditions = noise.below(4);
    Official {
        id: format!("p{number:08}"),
        designation: post.name.clone(),
        held,
        done,
        languages: if conditions == 1 { vec!["Hindi".into(), "English".into()] } else { Vec::new() },
        hours: (conditions == 2).then(|| 1.0 + noise.below(8) as f64),
    }
}
