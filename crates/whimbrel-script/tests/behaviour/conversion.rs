//! Values across the border, both ways.

use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{
    Binary, Bson, DateTime, Decimal128, Document, Regex, Timestamp, doc, oid::ObjectId,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use whimbrel_core::body::BodyError;

use crate::support::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn javascript_values_become_the_drivers_types() {
    let stage = Stage::new().await;
    stage
        .must(
            "const { Long, Double, Int32, Decimal128, Timestamp, Binary, UUID, MinKey, MaxKey, ObjectId, BSONRegExp, Code, DBRef } = mongodb;
             class Money { constructor() { this.amount = 5; } get hidden() { return 1; } }
             await db.collection('v').insertOne({
                _id: 1, int: 5, negative: -2147483648, big: 2147483648, fraction: 1.5, minusZero: -0, nan: NaN,
                long: Long.fromString('9007199254740993'), bigint: 7n, double: new Double(5), int32: new Int32(9),
                decimal: Decimal128.fromString('1.10'), undefined: undefined, nothing: null, yes: true,
                date: new Date(86400000), invalid: new Date(NaN), regex: /a.c/im, global: /x/g,
                bsonRegex: new BSONRegExp('p', 'xi'), bytes: new Uint8Array([1, 2]), binary: new Binary(new Uint8Array([3]), 5),
                uuid: new UUID('00112233-4455-6677-8899-aabbccddeeff'), stamp: new Timestamp({ t: 3, i: 4 }),
                min: new MinKey(), max: new MaxKey(), id: new ObjectId('0123456789abcdef01234567'), fn: () => 1,
                symbol: Symbol('x'), map: new Map([['b', 1], ['a', 2]]), list: [1, undefined, [2n]], instance: new Money(),
                custom: { toBSON() { return { replaced: true }; } }, code: new Code('x()'), ref: new DBRef('c', 1),
                text: 'é\\u0000\\ud800', 'dotted.key': 1, proxy: new Proxy([1, 2], {}), '': 0, ['__proto__']: 2, empty: {}, nested: { deep: { er: [] } },
             });",
        )
        .await;
    let expected = doc! {
        "_id": 1, "int": 5, "negative": i32::MIN, "big": 2_147_483_648.0, "fraction": 1.5, "minusZero": -0.0, "nan": f64::NAN,
        "long": 9_007_199_254_740_993_i64, "bigint": 7_i64, "double": 5.0, "int32": 9,
        "decimal": "1.10".parse::<Decimal128>().unwrap(), "undefined": Bson::Null, "nothing": Bson::Null, "yes": true,
        "date": DateTime::from_millis(86_400_000), "invalid": DateTime::from_millis(0),
        "regex": Bson::RegularExpression(Regex { pattern: "a.c".try_into().unwrap(), options: "im".try_into().unwrap() }),
        "global": Bson::RegularExpression(Regex { pattern: "x".try_into().unwrap(), options: "s".try_into().unwrap() }),
        "bsonRegex": Bson::RegularExpression(Regex { pattern: "p".try_into().unwrap(), options: "ix".try_into().unwrap() }),
        "bytes": Binary { subtype: BinarySubtype::Generic, bytes: vec![1, 2] },
        "binary": Binary { subtype: BinarySubtype::Md5, bytes: vec![3] },
        "uuid": Binary { subtype: BinarySubtype::Uuid, bytes: (0..16).map(|n| n * 17).collect() },
        "stamp": Timestamp { time: 3, increment: 4 }, "min": Bson::MinKey, "max": Bson::MaxKey,
        "id": ObjectId::parse_str("0123456789abcdef01234567").unwrap(), "map": { "b": 1, "a": 2 },
        "list": [1, Bson::Null, [2_i64]], "instance": { "amount": 5 }, "custom": { "replaced": true },
        "code": Bson::JavaScriptCode("x()".into()), "ref": { "$ref": "c", "$id": 1 }, "text": "é\0\u{fffd}",
        "dotted.key": 1, "proxy": [1, 2], "": 0, "__proto__": 2, "empty": {}, "nested": { "deep": { "er": [] } },
    };
    let got = stage.documents("v").await.remove(0);
    assert_eq!(format!("{got:?}"), format!("{expected:?}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_stored_names_the_field() {
    let stage = Stage::new().await;
    for (value, message) in [
        (
            "(() => { const a = { b: {} }; a.b.c = a; return a; })()",
            "Cannot convert circular structure to BSON (at field documents.0.b.c)",
        ),
        (
            "(() => { let a = {}; for (let i = 0; i < 400; i++) a = { a }; return a; })()",
            "nested deeper than",
        ),
        ("{ 'a\\0b': 1 }", "must not contain null bytes"),
        (
            "{ a: { _bsontype: 'Strange' } }",
            "Unsupported BSON version, bson types must be from bson 7.x.x (at field documents.0.a)",
        ),
        ("{ a: new RegExp(String.fromCharCode(0)) }", "null bytes"),
    ] {
        let error =
            stage.up(&format!("await db.collection('v').insertOne({value})")).await.unwrap_err();
        assert!(error.to_string().contains(message), "{value}: {error}");
        assert!(
            matches!(&error, BodyError::Failed { detail, .. } if detail.get_str("class").unwrap().starts_with("BSON")),
            "{error:?}"
        );
    }
    assert!(stage.documents("v").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_values_are_promoted_as_the_driver_does() {
    let stage = Stage::new().await;
    let stored = doc! {
        "_id": 1, "int": 5, "long": 7_i64, "huge": i64::MAX, "double": 2.5, "date": DateTime::from_millis(5),
        "decimal": "0.30".parse::<Decimal128>().unwrap(), "bytes": Binary { subtype: BinarySubtype::Generic, bytes: vec![9] },
        "uuid": Binary { subtype: BinarySubtype::Uuid, bytes: vec![1; 16] }, "regex": Bson::RegularExpression(Regex {
            pattern: "^a".try_into().unwrap(), options: "i".try_into().unwrap() }),
        "symbol": Bson::Symbol("s".into()), "min": Bson::MinKey, "ref": { "$ref": "c", "$id": 4 }, "__proto__": 3,
    };
    stage.collection("v").insert_one(stored).await.unwrap();
    stage
        .must(
            "const d = await db.collection('v').findOne();
             const seen = {
                int: typeof d.int, long: typeof d.long, huge: d.huge.constructor.name + d.huge.toString(), double: d.double,
                date: d.date instanceof Date && d.date.getTime(), decimal: d.decimal.toString(), bytes: d.bytes.constructor.name,
                uuid: d.uuid.constructor.name, regex: d.regex.test('Abc'), symbol: d.symbol, min: d.min.constructor.name,
                ref: d.ref.constructor.name, own: Object.getOwnPropertyDescriptor(d, '__proto__').value,
             };
             console.log(JSON.stringify(seen));",
        )
        .await;
    assert_eq!(
        stage.printed(),
        [
            r#"{"int":"number","long":"number","huge":"Long9223372036854775807","double":2.5,"date":5,"decimal":"0.30","bytes":"Binary","uuid":"UUID","regex":true,"symbol":"s","min":"MinKey","ref":"DBRef","own":3}"#
        ]
    );
}

/// Values that come back as they went: no integer that a number would hold in another type, no
/// symbol.
fn value() -> impl Strategy<Value = Bson> {
    let leaf = prop_oneof![
        any::<i32>().prop_map(Bson::Int32),
        any::<i64>().prop_filter("unsafe", |n| n.unsigned_abs() > 1 << 53).prop_map(Bson::Int64),
        any::<f64>()
            .prop_filter("not an int32", |n| n.is_nan() || n.fract() != 0.0 || n.abs() > 3e9)
            .prop_map(|n| Bson::Double(if n.is_nan() { f64::NAN } else { n })),
        any::<bool>().prop_map(Bson::Boolean),
        ".{0,12}".prop_map(Bson::String),
        Just(Bson::Null),
        Just(Bson::MinKey),
        Just(Bson::MaxKey),
        any::<[u8; 12]>().prop_map(|bytes| Bson::ObjectId(ObjectId::from_bytes(bytes))),
        any::<[u8; 16]>().prop_map(|bytes| Bson::Decimal128(Decimal128::from_bytes(bytes))),
        (-8_000_000_000_000_000_i64..8_000_000_000_000_000)
            .prop_map(|millis| Bson::DateTime(DateTime::from_millis(millis))),
        (any::<u32>(), any::<u32>())
            .prop_map(|(time, increment)| Bson::Timestamp(Timestamp { time, increment })),
        (prop::collection::vec(any::<u8>(), 0..20), prop_oneof![Just(0_u8), Just(5), Just(128)])
            .prop_map(|(bytes, subtype)| Bson::Binary(Binary { subtype: subtype.into(), bytes })),
        any::<[u8; 16]>().prop_map(|bytes| {
            Bson::Binary(Binary { subtype: BinarySubtype::Uuid, bytes: bytes.to_vec() })
        }),
        "[a-z(]{0,5}".prop_map(Bson::JavaScriptCode),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Bson::Array),
            document(inner).prop_map(Bson::Document),
        ]
    })
}

fn document(inner: impl Strategy<Value = Bson>) -> impl Strategy<Value = Document> {
    let key = prop_oneof![
        "[a-zA-Z_][a-z.0-9é]{0,8}",
        Just("__proto__".to_owned()),
        Just("constructor".to_owned()),
        Just("toString".to_owned()),
        Just(String::new()),
    ];
    prop::collection::vec((key, inner), 0..6).prop_map(|pairs| pairs.into_iter().collect())
}

#[test]
fn documents_survive_the_way_through_javascript() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let stage = runtime.block_on(Stage::new());
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    // One script copies all of them: starting it is what takes time.
    let mut stored = Vec::new();
    for number in 0..300 {
        let tree = document(value()).new_tree(&mut runner).unwrap();
        let mut wrapped = doc! { "_id": number };
        wrapped.insert("value", tree.current());
        stored.push(wrapped);
    }
    runtime.block_on(async {
        stage.collection("from").insert_many(&stored).await.unwrap();
        stage
            .must("for await (const d of db.collection('from').find()) await db.collection('to').insertOne(d);")
            .await;
        let copied = stage.documents("to").await;
        assert_eq!(copied.len(), stored.len());
        for (before, after) in stage.documents("from").await.iter().zip(copied) {
            assert_eq!(format!("{before:?}"), format!("{after:?}"));
        }
    });
}
