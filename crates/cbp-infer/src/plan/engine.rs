//! What is loaded once, and the order of the steps.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use cbp_core::{
    CapacityBuildingPlan, Catalogue, CompetencyModel, DesignationPlan, FracDictionary, InputFile,
    KnowledgeBase, PlanStatus, Provenance, Requirement, Selection, StageTiming, Warning,
};

use super::{PlanError, PlanOptions, calendar, courses, gaps, requirements};
use crate::classify::{Classifier, ClassifyOptions};
use crate::domain::{DomainMatcher, DomainOptions};
use crate::embed::{Embedder, TextKind};
use crate::level::{LevelOptions, Leveller};
use crate::rank::{self, Budget, CourseIndex, Need, Wanted};

/// What a department's papers say: the input of a plan.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Papers {
    /// Posts with roles and activities.
    pub frac: FracDictionary,
    /// Acts, rules, schemes and programmes.
    pub knowledge: KnowledgeBase,
    /// The files that were read.
    pub inputs: Vec<InputFile>,
    /// What could not be read.
    pub warnings: Vec<Warning>,
}

/// A plan, and how long its stages took. Timings stay outside the plan: the same papers give the same bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// The plan.
    pub plan: CapacityBuildingPlan,
    /// Stages in the order in which they ran.
    pub timings: Vec<StageTiming>,
}

/// Everything that planning needs, loaded once. It is `Send + Sync`: put it behind an [`Arc`] and call it from many
/// threads.
///
/// ```no_run
/// use std::sync::Arc;
/// use cbp_core::{Catalogue, CompetencyModel};
/// use cbp_infer::embed::{Embedder, ModelSource};
/// use cbp_infer::plan::{Engine, Papers, PlanOptions};
///
/// let model = CompetencyModel::karmayogi().clone();
/// let (catalogue, _) = Catalogue::from_json("catalogue.json", &std::fs::read_to_string("catalogue.json")?, &model)?;
/// let embedder = Arc::new(Embedder::open(&ModelSource::Shipped)?);
/// let engine = Arc::new(Engine::new(embedder, model, catalogue)?);
/// let planned = engine.plan(Papers::default(), PlanOptions::default(), &|_| ())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Engine {
    embedder: Arc<Embedder>,
    model: CompetencyModel,
    catalogue: Catalogue,
    classifier: Classifier,
    leveller: Leveller,
    index: CourseIndex,
}

/// Runs a stage and notes how long it took.
struct Clock<'a> {
    timings: Vec<StageTiming>,
    on_stage: &'a (dyn Fn(&'static str) + Sync),
}

impl Clock<'_> {
    fn stage<T, E>(
        &mut self,
        stage: &'static str,
        (items, unit): (usize, &'static str),
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        (self.on_stage)(stage);
        let start = Instant::now();
        let result = work()?;
        let seconds = start.elapsed().as_secs_f64();
        tracing::info!(stage, seconds, items, unit);
        self.timings.push(StageTiming { stage, seconds, items, unit });
        Ok(result)
    }
}

impl Engine {
    /// Prepares the competency model and the catalogue: embeds their texts and builds the index.
    ///
    /// # Errors
    /// What the classifier, the leveller or the course index refuse.
    pub fn new(
        embedder: Arc<Embedder>,
        model: CompetencyModel,
        catalogue: Catalogue,
    ) -> Result<Self, PlanError> {
        let classifier = Classifier::new(Arc::clone(&embedder), &model, ClassifyOptions::default())?;
        let leveller = Leveller::new(Arc::clone(&embedder), LevelOptions::default())?;
        let index = CourseIndex::build(&catalogue, &embedder)?;
        Ok(Self { embedder, model, catalogue, classifier, leveller, index })
    }

    /// The model that turns texts into vectors.
    pub const fn embedder(&self) -> &Arc<Embedder> {
        &self.embedder
    }

    /// The closed list of competencies.
    pub const fn model(&self) -> &CompetencyModel {
        &self.model
    }

    /// The courses.
    pub const fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The classifier over the closed list.
    pub const fn classifier(&self) -> &Classifier {
        &self.classifier
    }

    /// The index of the courses.
    pub const fn index(&self) -> &CourseIndex {
        &self.index
    }

    /// Embeds every text of the competency model and the catalogue that a plan asks for, so that the embedder's cache
    /// holds them before the first papers come.
    ///
    /// # Errors
    /// What the model could not take.
    pub fn warm(&self) -> Result<(), PlanError> {
        let nothing = KnowledgeBase::default();
        DomainMatcher::new(Arc::clone(&self.embedder), &nothing, &self.model, DomainOptions::default())?;
        let needs: Vec<String> = self.model.competencies.iter().map(Need::asked).collect();
        self.embedder.embed(&needs, TextKind::Query)?;
        Ok(())
    }

    /// The languages to choose courses in. Languages in none of which there is a course are refused: every requirement
    /// would seem a gap. Where the catalogue names no language at all, none is asked for, which is said.
    fn languages(&self, wanted: Vec<String>) -> Result<(Vec<String>, Option<Warning>), PlanError> {
        let taught: BTreeSet<&str> =
            self.catalogue.courses.iter().map(|c| c.language.as_str()).filter(|l| !l.is_empty()).collect();
        if wanted.is_empty() || wanted.iter().any(|w| taught.iter().any(|t| t.eq_ignore_ascii_case(w.trim())))
        {
            return Ok((wanted, None));
        }
        if taught.is_empty() {
            let message = "the catalogue names the language of no course; courses in any language are listed";
            return Ok((Vec::new(), Some(Warning { message: message.into(), ..Warning::default() })));
        }
        let taught: Vec<&str> = taught.into_iter().collect();
        let detail =
            format!("no course is in {}; the catalogue has {}", wanted.join(" or "), taught.join(", "));
        Err(PlanError::Setting { name: "languages", detail })
    }

    /// Drafts a plan. `on_stage` hears the name of each stage when it begins.
    ///
    /// # Errors
    /// [`PlanError::Setting`] and [`PlanError::NoDesignation`] are the caller's to mend; the others name what the model
    /// could not take.
    pub fn plan(
        &self,
        papers: Papers,
        options: PlanOptions,
        on_stage: &(dyn Fn(&'static str) + Sync),
    ) -> Result<Planned, PlanError> {
        let mut options = options.checked()?;
        let Papers { frac, knowledge, inputs, mut warnings } = papers;
        let (languages, unnamed) = self.languages(options.languages)?;
        options.languages = languages;
        warnings.extend(unnamed);
        if frac.designations.is_empty() {
            return Err(PlanError::NoDesignation);
        }
        let posts = &frac.designations;
        let activities = posts.iter().map(|p| p.activities().count()).sum();
        let mut clock = Clock { timings: Vec::new(), on_stage };

        let needs =
            clock.stage("classify duties", (activities, "activities"), || self.classifier.posts(posts))?;
        let domain = clock.stage("match domain knowledge", (knowledge.items.len(), "items"), || {
            let matcher = DomainMatcher::new(
                Arc::clone(&self.embedder),
                &knowledge,
                &self.model,
                DomainOptions::default(),
            )?;
            matcher.posts(posts)
        })?;
        let mut required = clock.stage("tell levels", (posts.len(), "designations"), || {
            requirements::requirements(
                posts,
                &needs,
                &domain,
                &self.model,
                &knowledge,
                &self.leveller,
                &options,
            )
        })?;
        let count = required.iter().map(Vec::len).sum();
        let wanted = clock.stage("rank courses", (count, "requirements"), || {
            let names = (&self.model, &knowledge);
            courses::recommend(posts, &mut required, &self.catalogue, &self.index, names, &options)
        })?;
        let selections = clock.stage("select courses", (posts.len(), "designations"), || {
            let budget = Budget { hours: options.budget_hours, least_gain: options.least_gain };
            let select = |wanted: &Vec<Wanted>| rank::select(&self.index, wanted, budget);
            wanted.iter().map(select).collect::<Result<Vec<Selection>, _>>()
        })?;
        let designations = designation_plans(&frac, required, selections);

        warnings.extend(frac.warnings);
        warnings.extend(unsupported(&designations));
        let plan = CapacityBuildingPlan {
            format: CapacityBuildingPlan::FORMAT.into(),
            version: CapacityBuildingPlan::VERSION,
            status: PlanStatus::Draft,
            department: frac.department,
            gaps: gaps::gaps(&designations, &self.model),
            calendar: calendar::calendar(&designations, &self.catalogue),
            designations,
            rows: frac.rows,
            merges: frac.merges,
            knowledge: knowledge.items,
            warnings,
            provenance: Provenance {
                cbp_version: env!("CARGO_PKG_VERSION").into(),
                model: format!("{} {}", self.embedder.name(), self.embedder.fingerprint()),
                competency_model: self.model.id.clone(),
                settings: options.listed(),
                inputs,
            },
        };
        Ok(Planned { plan, timings: clock.timings })
    }
}

fn designation_plans(
    frac: &FracDictionary,
    required: Vec<Vec<Requirement>>,
    selections: Vec<Selection>,
) -> Vec<DesignationPlan> {
    let rest = required.into_iter().zip(selections);
    let plan =
        |(post, (requirements, selection)): (&cbp_core::Designation, (Vec<Requirement>, Selection))| {
            DesignationPlan {
                id: post.id.clone(),
                name: post.name.clone(),
                written: post.written.clone(),
                wing: post.wing.clone(),
                group: post.group,
                headcount: post.headcount,
                sort_order: post.sort_order,
                reports_to: post.reports_to.clone(),
                roles: post.roles.clone(),
                requirements,
                selection,
                evidence: post.evidence.clone(),
            }
        };
    frac.designations.iter().zip(rest).map(plan).collect()
}

/// A post whose duties support nothing is kept, and named.
fn unsupported(designations: &[DesignationPlan]) -> Vec<Warning> {
    let empty = designations.iter().filter(|d| d.requirements.is_empty());
    empty
        .map(|post| {
            let place = post.evidence.first();
            let why = if post.roles.is_empty() {
                "no duties were found for it in the papers; add them to the work allocation"
            } else {
                "its duties support no competency clearly enough; word them as tasks"
            };
            Warning {
                document: place.map(|e| e.document.clone()),
                page: place.map(|e| e.page),
                message: format!("{}: {why}", post.name),
                input_lost: false,
            }
        })
        .collect()
}
