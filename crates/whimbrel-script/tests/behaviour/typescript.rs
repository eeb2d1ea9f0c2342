//! Migrations in TypeScript.

use mongodb::bson::doc;
use whimbrel_core::body::{BodyError, Direction};

use crate::support::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn types_go_and_the_rest_runs() {
    let stage = Stage::new().await;
    stage.file(
        "lib/kinds.ts",
        "export enum Kind { Old = 'old', New = 'new' }\nexport type Name = string;\n",
    );
    stage.file("lib/counter.mts", "export namespace Counter { export let value: number = 41; export const next = (): number => ++value; }\n");
    stage.file("lib/old.cts", "import path = require('path');\nfunction base(file: string): string { return path.basename(file); }\nexport = { base };\n");
    let text = "
        import type { MongoClient } from 'mongodb';
        import { Db, ObjectId } from 'mongodb';
        import { Kind, Name } from '../../lib/kinds';
        import { Counter } from '../../lib/counter.mjs';
        import old from '../../lib/old.cjs';

        interface Person { _id: ObjectId; name: Name; kind: Kind }

        function tagged(target: object, key: string, descriptor: PropertyDescriptor) {
            const original = descriptor.value;
            descriptor.value = function (...args: unknown[]) { return `tagged ${original.apply(this, args)}`; };
        }

        class Greeter<T extends { name: string }> {
            declare unused: string;
            constructor(private readonly greeting: string, public count = 1) {}
            @tagged
            greet(person: T): string { return `${this.greeting} ${person!.name}`; }
        }

        const satisfied = { a: 1 } satisfies Record<string, number>;

        export async function up(db: Db, client?: MongoClient): Promise<void> {
            const person = { _id: new ObjectId('0123456789abcdef01234567'), name: 'Ada', kind: Kind.New } as Person;
            const greeter = new Greeter<Person>('hello');
            await db.collection<Person>('people').insertOne({
                ...person, greeting: greeter.greet(person), count: greeter.count, next: Counter.next(), base: old.base('/a/b.txt'),
                satisfied, kinds: Object.values(Kind),
            } as any);
        }
    ";
    stage.run_file("001_typed.ts", text, Direction::Up).await.unwrap();
    let mut person = stage.documents("people").await.remove(0);
    person.remove("_id");
    assert_eq!(
        person,
        doc! {
            "name": "Ada", "kind": "new", "greeting": "tagged hello Ada", "count": 1, "next": 42, "base": "b.txt",
            "satisfied": { "a": 1 }, "kinds": ["old", "new"],
        }
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn commonjs_and_class_forms_of_typescript_run() {
    let stage = Stage::new().await;
    let exported = "
        import { Db } from 'mongodb';
        export = {
            async up(db: Db): Promise<void> { await db.collection('a').insertOne({ _id: 1 as any }); },
            async down(db: Db): Promise<void> { await db.collection('a').deleteOne({ _id: 1 as any }); },
        };
    ";
    stage.run_file("1-x.ts", exported, Direction::Up).await.unwrap();
    assert_eq!(stage.documents("a").await.len(), 1);
    stage.run_file("1-x.ts", exported, Direction::Rollback).await.unwrap();
    assert_eq!(stage.documents("a").await.len(), 0);

    let class = "
        import { Db, MongoClient } from 'mongodb';
        import { MigrationInterface } from 'mongo-migrate-ts';
        export class AddsThings implements MigrationInterface {
            private name = 'things';
            public async up(db: Db, client: MongoClient): Promise<any> { await db.collection(this.name).insertOne({ _id: 2 as any }); }
            public async down(db: Db): Promise<any> { await db.collection(this.name).drop(); }
        }
    ";
    stage.run_file("2-x.ts", class, Direction::Up).await.unwrap();
    assert_eq!(stage.documents("things").await, [doc! { "_id": 2 }]);
    let facts = stage.body("2-x.ts", class).inspect(Default::default()).await.unwrap();
    assert!(facts.has_up && facts.has_rollback);
}

#[tokio::test(flavor = "multi_thread")]
async fn places_are_those_of_the_source() {
    let stage = Stage::new().await;
    let text = "interface A { a: string }\n\ninterface B {\n  b: string;\n}\n\nexport async function up(db: any): Promise<void> {\n  const a: A = { a: 'x' };\n  throw new Error(a.a);\n}\n";
    let error = stage.run_file("001_x.ts", text, Direction::Up).await.unwrap_err().to_string();
    // The same lines and columns in JavaScript, where nothing is rewritten.
    let plain = "\n\n\n\n\n\nexport async function up(db) {\n  const a    = { a: 'x' };\n  throw new Error(a.a);\n}\n";
    let expected = stage.run_file("001_x.js", plain, Direction::Up).await.unwrap_err().to_string();
    assert_eq!(error, expected.replace(".js:", ".ts:"));

    let text = "interface A { a: string }\nexport async function up(db: any): Promise<void> {\n  db.collection('a').insertOne({ _id: 1 });\n}\n";
    let outcome = stage.run_file("002_x.ts", text, Direction::Up).await.unwrap();
    assert_eq!(
        outcome.warnings,
        [
            "nobody awaited insertOne on a (at migrations/scripts/002_x.ts:3:22); it was awaited at the end"
        ]
    );

    let text =
        "interface A { a: string }\nexport function up() {\n  console.log(new Error('seen'));\n}\n";
    stage.run_file("003_x.ts", text, Direction::Up).await.unwrap();
    let printed = stage.printed().join("\n");
    assert_eq!(printed, "Error: seen\n    at up (migrations/scripts/003_x.ts:3:19)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_syntax_error_shows_the_line() {
    let stage = Stage::new().await;
    let text = "export async function up(db: ) {\n}\n";
    let error = stage.body("001_x.ts", text).inspect(Default::default()).await.unwrap_err();
    let BodyError::Load { message, .. } = &error else { panic!("{error:?}") };
    assert!(message.contains("--> migrations/scripts/001_x.ts:1:30"), "{message}");
    assert!(message.contains("1 | export async function up(db: ) {"), "{message}");

    stage.file("lib/broken.ts", "export const x: number = ;\n");
    let text = "import { x } from '../../lib/broken';\nexport const up = () => x;\n";
    let error = stage.body("002_x.ts", text).inspect(Default::default()).await.unwrap_err();
    assert!(error.to_string().contains("lib/broken.ts:1:26"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn aliases_of_tsconfig_are_followed() {
    let stage = Stage::new().await;
    stage.file("tsconfig.json", "{ // with a comment\n \"compilerOptions\": { \"baseUrl\": \".\", \"paths\": { \"@lib/*\": [\"lib/*\"] } } }");
    stage.file("lib/a.ts", "export const a: number = 7;\n");
    let text = "import { a } from '@lib/a';\nexport const up = async (db: any) => { await db.collection('a').insertOne({ _id: a }); };\n";
    let outcome = stage.run_file("001_x.ts", text, Direction::Up).await.unwrap();
    assert_eq!(stage.documents("a").await, [doc! { "_id": 7 }]);
    let imports: Vec<&str> = outcome.imports.iter().map(|import| import.path.as_str()).collect();
    assert_eq!(imports, ["lib/a.ts"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_default_import_of_a_compiled_module_is_its_default() {
    let stage = Stage::new().await;
    let compiled = "Object.defineProperty(exports, '__esModule', { value: true });\nexports.default = () => 'made by default';\nexports.named = 1;\n";
    stage.file("node_modules/compiled/index.js", compiled);
    let text = "import compiled, { named } from 'compiled';\nexport const up = async (db: any) => { await db.collection('a').insertOne({ _id: 1, made: compiled(), named } as any); };\n";
    stage.run_file("001_x.ts", text, Direction::Up).await.unwrap();
    assert_eq!(
        stage.documents("a").await,
        [doc! { "_id": 1, "made": "made by default", "named": 1 }]
    );
    // As Node.js does it: for JavaScript, and for TypeScript that says it is an ES module.
    let text = "import compiled from 'compiled';\nexport const up = async db => { await db.collection('a').insertOne({ _id: 2, type: typeof compiled.default }); };\n";
    stage.run_file("002_x.js", text, Direction::Up).await.unwrap();
    assert_eq!(stage.documents("a").await[1], doc! { "_id": 2, "type": "function" });
}
