//! What a migration's files say of where it has to run, read without running anything: the `runtime` it
//! declares, and what it imports that only Node.js has.
//!
//! In files of the project every import with a literal name counts, wherever it stands. In packages only what is
//! loaded at once does: many ask for something in a function or a `try`, and do without it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};

use oxc::allocator::Allocator;
use oxc::ast::ast::{
    ArrowFunctionExpression, AssignmentTarget, BindingPattern, CallExpression, Class, ClassElement,
    Declaration, ExportAllDeclaration, ExportDefaultDeclarationKind, ExportFromDeclaration,
    Expression, Function, ImportDeclaration, ImportExpression, NewExpression, ObjectExpression,
    ObjectPropertyKind, Program, PropertyKey, Statement, TryStatement, VariableDeclaration,
};
use oxc::ast_visit::{Visit, walk};
use oxc::parser::Parser;
use oxc::span::{GetSpan, SourceType};
use oxc::syntax::scope::ScopeFlags;

use super::files::{is_package_file, name_of};
use super::refused::{self, Refusal};
use super::resolve::{Purpose, Resolvers};
use super::typescript::{is_typescript, transpile};

/// How many files are looked at; a graph that is larger is a program, and embedded migrations are none.
const MOST_FILES: usize = 5000;

/// The engine's own modules, which need no file.
const OWN: [&str; 3] = ["mongodb", "bson", "whimbrel"];

/// What the files say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// The value of the migration's own `runtime`, if it has one.
    pub declared: Option<DeclaredRuntime>,
    /// Why only Node.js can run it: completes "because it …".
    pub needs_node: Option<String>,
}

/// A `runtime` in a migration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeclaredRuntime {
    /// `export const runtime = 'node'` and its like.
    Text(String),
    /// Something that is no plain text; how it is written.
    Other(String),
}

/// What one file says.
#[derive(Default)]
struct Seen {
    declared: Option<DeclaredRuntime>,
    /// Specifiers, in the order of the text.
    imports: Vec<(String, Purpose)>,
    connects: bool,
}

/// Reads the entry, and what it leads to if `deep`. A text that cannot be parsed says nothing: running it will.
pub(crate) fn survey(
    resolvers: &Resolvers,
    root: &Path,
    entry: &Path,
    text: &str,
    deep: bool,
) -> Survey {
    let mut found = Survey::default();
    let mut known: HashSet<PathBuf> = HashSet::new();
    // Who asked for a file first.
    let mut importers: HashMap<PathBuf, PathBuf> = HashMap::new();
    let mut waiting: VecDeque<PathBuf> = VecDeque::from([entry.to_owned()]);
    known.insert(entry.to_owned());
    while let Some(path) = waiting.pop_front() {
        let is_entry = path == entry;
        let Some(seen) = (if is_entry { look(&path, text, true) } else { look_into(&path) }) else {
            continue;
        };
        if is_entry {
            found.declared = seen.declared;
            if !deep {
                return found;
            }
        }
        // The way from the migration here, without the migration itself.
        let way = |importers: &HashMap<PathBuf, PathBuf>| {
            let mut way = Vec::new();
            let mut at = Some(&path);
            while let Some(file) = at.filter(|file| *file != entry) {
                way.push(name_of(root, file));
                at = importers.get(file);
            }
            way.reverse();
            way.join(" → ")
        };
        let through = |importers: &HashMap<PathBuf, PathBuf>| match way(importers) {
            way if way.is_empty() => way,
            way => format!(" through {way}"),
        };
        if seen.connects {
            let place = match way(&importers) {
                way if way.is_empty() => way,
                way => format!(" in {way}"),
            };
            found.needs_node = Some(format!("opens a connection of its own{place}"));
            return found;
        }
        for (specifier, purpose) in seen.imports {
            if OWN.contains(&specifier.as_str()) {
                continue;
            }
            match refused::by_name(&specifier) {
                Some(Refusal::Url | Refusal::Unknown) => continue,
                Some(_) => {
                    found.needs_node =
                        Some(format!("imports '{specifier}'{}", through(&importers)));
                    return found;
                }
                None => {}
            }
            let Ok(target) = resolvers.resolve(&path, &specifier, purpose) else { continue };
            if target.extension().is_some_and(|extension| extension == "node") {
                let add_on = name_of(root, &target);
                found.needs_node =
                    Some(format!("imports the native add-on {add_on}{}", through(&importers)));
                return found;
            }
            if known.len() < MOST_FILES && known.insert(target.clone()) {
                importers.insert(target.clone(), path.clone());
                waiting.push_back(target);
            }
        }
    }
    found
}

/// The files of the project that the entry imports, and what these import, in the order of their paths; without running
/// any of them. Packages are left out.
pub(crate) fn project_files(
    resolvers: &Resolvers,
    root: &Path,
    entry: &Path,
    text: &str,
) -> Vec<PathBuf> {
    let mut known: HashSet<PathBuf> = HashSet::from([entry.to_owned()]);
    let mut waiting: VecDeque<PathBuf> = VecDeque::from([entry.to_owned()]);
    while let Some(path) = waiting.pop_front() {
        let seen = if path == entry { look(&path, text, true) } else { look_into(&path) };
        for (specifier, purpose) in seen.into_iter().flat_map(|seen| seen.imports) {
            let Ok(target) = resolvers.resolve(&path, &specifier, purpose) else { continue };
            let target = std::fs::canonicalize(&target).unwrap_or(target);
            let is_own = target.starts_with(root) && !is_package_file(&target.to_string_lossy());
            if is_own && known.len() < MOST_FILES && known.insert(target.clone()) {
                waiting.push_back(target);
            }
        }
    }
    known.remove(entry);
    let mut files: Vec<PathBuf> = known.into_iter().collect();
    files.sort();
    files
}

fn look_into(path: &Path) -> Option<Seen> {
    let name = path.to_string_lossy();
    let is_script = [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"];
    if !is_script.iter().any(|extension| name.ends_with(extension)) {
        return None;
    }
    let text = std::fs::read_to_string(path).ok()?;
    look(path, &text, !is_package_file(&name))
}

fn look(path: &Path, text: &str, is_own: bool) -> Option<Seen> {
    let name = path.to_string_lossy();
    let transpiled;
    let text = if is_typescript(&name) {
        transpiled = transpile(&name, text.trim_start_matches('\u{feff}')).ok()?;
        transpiled.code.as_str()
    } else {
        text.trim_start_matches('\u{feff}')
    };
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, SourceType::unambiguous()).parse();
    if parsed.panicked {
        return None;
    }
    let mut seen = Seen::default();
    if is_own {
        seen.declared = declared(&parsed.program, text);
    }
    let mut visitor = Imports { seen: &mut seen, is_own, conditional: 0 };
    visitor.visit_program(&parsed.program);
    Some(seen)
}

/// Collects imports.
struct Imports<'s> {
    seen: &'s mut Seen,
    is_own: bool,
    /// How many functions and `try` blocks stand around.
    conditional: usize,
}

impl Imports<'_> {
    fn add(&mut self, specifier: &str, purpose: Purpose) {
        if self.is_own || self.conditional == 0 {
            self.seen.imports.push((specifier.to_owned(), purpose));
        }
    }
}

impl<'a> Visit<'a> for Imports<'_> {
    fn visit_import_declaration(&mut self, it: &ImportDeclaration<'a>) {
        self.add(&it.source.value, Purpose::Import);
    }

    fn visit_export_all_declaration(&mut self, it: &ExportAllDeclaration<'a>) {
        self.add(&it.source.value, Purpose::Import);
    }

    fn visit_export_from_declaration(&mut self, it: &ExportFromDeclaration<'a>) {
        self.add(&it.source.value, Purpose::Import);
    }

    fn visit_import_expression(&mut self, it: &ImportExpression<'a>) {
        if let Expression::StringLiteral(source) = &it.source
            && self.is_own
        {
            self.add(&source.value, Purpose::Import);
        }
        walk::walk_import_expression(self, it);
    }

    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        let argument = it.arguments.first().and_then(|argument| argument.as_expression());
        match (&it.callee, argument) {
            (Expression::Identifier(callee), Some(Expression::StringLiteral(source)))
                if callee.name == "require" =>
            {
                self.add(&source.value, Purpose::Require);
            }
            (Expression::StaticMemberExpression(callee), _)
                if self.is_own
                    && callee.property.name == "connect"
                    && is_client(&callee.object) =>
            {
                self.seen.connects = true;
            }
            _ => {}
        }
        walk::walk_call_expression(self, it);
    }

    fn visit_new_expression(&mut self, it: &NewExpression<'a>) {
        if self.is_own && is_client(&it.callee) {
            self.seen.connects = true;
        }
        walk::walk_new_expression(self, it);
    }

    fn visit_function(&mut self, it: &Function<'a>, flags: ScopeFlags) {
        self.conditional += 1;
        walk::walk_function(self, it, flags);
        self.conditional -= 1;
    }

    fn visit_arrow_function_expression(&mut self, it: &ArrowFunctionExpression<'a>) {
        self.conditional += 1;
        walk::walk_arrow_function_expression(self, it);
        self.conditional -= 1;
    }

    fn visit_try_statement(&mut self, it: &TryStatement<'a>) {
        self.conditional += 1;
        walk::walk_try_statement(self, it);
        self.conditional -= 1;
    }
}

/// `MongoClient`, or a member of that name.
fn is_client(expression: &Expression<'_>) -> bool {
    match expression {
        Expression::Identifier(name) => name.name == "MongoClient",
        Expression::StaticMemberExpression(member) => member.property.name == "MongoClient",
        _ => false,
    }
}

/// The file's own `runtime`, in all forms in which `transaction` may be given.
fn declared(program: &Program<'_>, text: &str) -> Option<DeclaredRuntime> {
    let constants = constants(program);
    let value = |expression: &Expression<'_>| match expression {
        Expression::StringLiteral(literal) => DeclaredRuntime::Text(literal.value.to_string()),
        Expression::TemplateLiteral(literal) if literal.expressions.is_empty() => {
            DeclaredRuntime::Text(
                literal.quasis.iter().map(|part| part.value.raw.as_str()).collect(),
            )
        }
        Expression::Identifier(name) if constants.contains_key(name.name.as_str()) => {
            DeclaredRuntime::Text(constants[name.name.as_str()].clone())
        }
        other => {
            let span = other.span();
            let written = text.get(span.start as usize..span.end as usize).unwrap_or_default();
            DeclaredRuntime::Other(written.to_owned())
        }
    };
    let in_object = |object: &ObjectExpression<'_>| {
        object.properties.iter().find_map(|property| match property {
            ObjectPropertyKind::ObjectProperty(property) if is_key(&property.key, "runtime") => {
                Some(value(&property.value))
            }
            _ => None,
        })
    };
    let own = program.body.iter().find_map(|statement| match statement {
        Statement::ExportDeclaration(export) => match &export.declaration {
            Declaration::VariableDeclaration(variables) => initial(variables, "runtime").map(value),
            _ => None,
        },
        Statement::ExportNamedDeclaration(export) => {
            let renamed = export.specifiers.iter().find(|one| one.exported.name() == "runtime")?;
            let local = renamed.local.name();
            Some(match constants.get(local.as_str()) {
                Some(text) => DeclaredRuntime::Text(text.clone()),
                None => DeclaredRuntime::Other(local.to_string()),
            })
        }
        Statement::ExportDefaultDeclaration(export) => match &export.declaration {
            ExportDefaultDeclarationKind::ObjectExpression(object) => in_object(object),
            _ => None,
        },
        Statement::ExpressionStatement(statement) => {
            let Expression::AssignmentExpression(assignment) = &statement.expression else {
                return None;
            };
            let AssignmentTarget::StaticMemberExpression(target) = &assignment.left else {
                return None;
            };
            let is_exports = |expression: &Expression<'_>| match expression {
                Expression::Identifier(name) => name.name == "exports",
                Expression::StaticMemberExpression(member) => {
                    member.property.name == "exports" && matches!(&member.object, Expression::Identifier(name) if name.name == "module")
                }
                _ => false,
            };
            let is_module = matches!(&target.object, Expression::Identifier(name) if name.name == "module");
            match (&assignment.right, target.property.name.as_str()) {
                (right, "runtime") if is_exports(&target.object) => Some(value(right)),
                (Expression::ObjectExpression(object), "exports") if is_module => in_object(object),
                _ => None,
            }
        }
        _ => None,
    });
    // What a migration's class says counts where the file itself says nothing.
    own.or_else(|| exported_classes(program).into_iter().find_map(in_class).map(value))
}

/// The classes that a file exports, in whatever way.
fn exported_classes<'p, 'a>(program: &'p Program<'a>) -> Vec<&'p Class<'a>> {
    let (mut classes, mut declared, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for statement in &program.body {
        match statement {
            Statement::ClassDeclaration(class) => declared.push(&**class),
            Statement::ExportDeclaration(export) => {
                if let Declaration::ClassDeclaration(class) = &export.declaration {
                    classes.push(&**class);
                }
            }
            Statement::ExportDefaultDeclaration(export) => match &export.declaration {
                ExportDefaultDeclarationKind::ClassDeclaration(class) => classes.push(&**class),
                ExportDefaultDeclarationKind::Identifier(name) => names.push(name.name.to_string()),
                _ => {}
            },
            Statement::ExportNamedDeclaration(export) => {
                names.extend(export.specifiers.iter().map(|one| one.local.name().to_string()));
            }
            Statement::ExpressionStatement(statement) => {
                let Expression::AssignmentExpression(assignment) = &statement.expression else {
                    continue;
                };
                let AssignmentTarget::StaticMemberExpression(target) = &assignment.left else {
                    continue;
                };
                if target.property.name != "exports" {
                    continue;
                }
                match &assignment.right {
                    Expression::ClassExpression(class) => classes.push(&**class),
                    Expression::Identifier(name) => names.push(name.name.to_string()),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    let is_named = |class: &&Class<'a>| {
        class.id.as_ref().is_some_and(|id| names.iter().any(|name| *name == id.name.as_str()))
    };
    classes.extend(declared.into_iter().filter(is_named));
    classes
}

/// The value of a class's own field `runtime`, of a class with an `up`.
fn in_class<'c, 'a>(class: &'c Class<'a>) -> Option<&'c Expression<'a>> {
    let elements = &class.body.body;
    let has_up = elements.iter().any(|element| match element {
        ClassElement::MethodDefinition(method) => is_key(&method.key, "up"),
        ClassElement::PropertyDefinition(property) => is_key(&property.key, "up"),
        _ => false,
    });
    elements.iter().find_map(|element| match element {
        ClassElement::PropertyDefinition(property)
            if has_up && is_key(&property.key, "runtime") =>
        {
            property.value.as_ref()
        }
        _ => None,
    })
}

/// Top-level names that hold a text.
fn constants(program: &Program<'_>) -> HashMap<String, String> {
    let mut constants = HashMap::new();
    for statement in &program.body {
        let Statement::VariableDeclaration(variables) = statement else { continue };
        for one in &variables.declarations {
            if let (
                BindingPattern::BindingIdentifier(name),
                Some(Expression::StringLiteral(text)),
            ) = (&one.id, &one.init)
            {
                constants.insert(name.name.to_string(), text.value.to_string());
            }
        }
    }
    constants
}

fn initial<'v, 'a>(
    variables: &'v VariableDeclaration<'a>,
    wanted: &str,
) -> Option<&'v Expression<'a>> {
    variables.declarations.iter().find_map(|one| match &one.id {
        BindingPattern::BindingIdentifier(name) if name.name == wanted => one.init.as_ref(),
        _ => None,
    })
}

fn is_key(key: &PropertyKey<'_>, wanted: &str) -> bool {
    match key {
        PropertyKey::StaticIdentifier(name) => name.name == wanted,
        PropertyKey::StringLiteral(text) => text.value == wanted,
        _ => false,
    }
}
