//! The rewriting itself.

use std::path::Path;

use oxc::allocator::Allocator;
use oxc::codegen::{Codegen, CodegenOptions};
use oxc::parser::Parser;
use oxc::semantic::SemanticBuilder;
use oxc::span::SourceType;
use oxc::transformer::{
    DecoratorOptions, HelperLoaderMode, HelperLoaderOptions, TransformOptions, Transformer,
};
use oxc_sourcemap::SourceMap;

use super::{Transpiled, described};

/// Rewrites the text of a file. `Err` is what is wrong with it, with the place and the line.
pub(crate) fn transpile(path: &str, text: &str) -> Result<Transpiled, String> {
    let allocator = Allocator::default();
    // Whether it is a module is decided later, on the JavaScript.
    let source_type = SourceType::ts().with_unambiguous(true);
    let parsed = Parser::new(&allocator, text, source_type).parse();
    if let Some(error) = parsed.diagnostics.errors().next() {
        return Err(described(path, text, error));
    }
    let mut program = parsed.program;
    let semantic = SemanticBuilder::new()
        .with_excess_capacity(2.0)
        .with_enum_eval(true)
        .with_check_syntax_error(true)
        .build(&program);
    if let Some(error) = semantic.diagnostics.errors().next() {
        return Err(described(path, text, error));
    }
    let options = TransformOptions {
        decorator: DecoratorOptions { legacy: true, ..DecoratorOptions::default() },
        helper_loader: HelperLoaderOptions {
            mode: HelperLoaderMode::External,
            ..HelperLoaderOptions::default()
        },
        ..TransformOptions::default()
    };
    let transformed = Transformer::new(&allocator, Path::new(path), &options)
        .build_with_scoping(semantic.semantic.into_scoping(), &mut program);
    if let Some(error) = transformed.diagnostics.errors().next() {
        return Err(described(path, text, error));
    }
    let options =
        CodegenOptions { source_map_path: Some(path.into()), ..CodegenOptions::default() };
    let printed = Codegen::new().with_options(options).with_source_text(text).build(&program);
    Ok(Transpiled { code: printed.code, map: printed.map.map(SourceMap::into_owned) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        transpile("a.ts", text).unwrap().code
    }

    #[test]
    fn types_go_and_what_only_types_use_goes_with_them() {
        let text = "import { Db, ObjectId } from 'mongodb';\nimport type { X } from './x';\nexport async function up(db: Db): Promise<void> {\n  const id = new ObjectId() as unknown as X;\n}\n";
        let code = code(text);
        assert!(code.contains("import { ObjectId } from \"mongodb\""), "{code}");
        assert!(!code.contains("./x") && !code.contains("Promise<"), "{code}");
    }

    #[test]
    fn an_import_that_only_types_use_is_left_out_whole() {
        let code = code("import { Db } from 'mongodb';\nexport const up = async (db: Db) => {};\n");
        assert!(!code.contains("mongodb"), "{code}");
    }

    #[test]
    fn export_assignment_and_import_equals_become_commonjs() {
        let code = code("import fs = require('fs');\nexport = { up: () => fs };\n");
        assert!(code.contains("require(\"fs\")") && code.contains("module.exports ="), "{code}");
    }

    #[test]
    fn places_are_those_of_the_source() {
        let text = "interface A { a: string }\ninterface B { b: string }\nexport function up(): void {\n  throw new Error('x');\n}\n";
        let transpiled = transpile("a.ts", text).unwrap();
        let line = transpiled.code.lines().position(|line| line.contains("throw")).unwrap() + 1;
        assert!(line < 4, "lines move: {}", transpiled.code);
        let column = transpiled.code.lines().nth(line - 1).unwrap().find("new").unwrap() + 1;
        let mapped = transpiled.map_text("a.ts", 0, &format!("at up (a.ts:{line}:{column})"));
        assert_eq!(mapped, "at up (a.ts:4:9)");
        assert_eq!(transpiled.map_text("a.ts", 0, "a.ts:x a.ts"), "a.ts:x a.ts");
        let other = format!("at up (lib/a.ts:{line}:{column})");
        assert_eq!(transpiled.map_text("a.ts", 0, &other), other);
    }

    #[test]
    fn an_error_shows_the_line() {
        let error = transpile("m/a.ts", "const a = 1;\nconst b: = 2;\n").err().unwrap();
        assert!(error.contains("m/a.ts:2:10") && error.contains("const b: = 2;"), "{error}");
    }
}
