import GrapnelCore
import GrapnelFormat
import GrapnelQueue

/// Makes the event that a test of a recipe is about.
struct TestEvent {
    var test: RecipeTest
    var recipe: RecipeManifest
    /// Where the samples of providers are.
    var samples: any SampleReading
    /// The definition of a provider; `nil` when there is none.
    var provider: @Sendable (String) -> ProviderDefinition?
    var now: Timestamp

    /// The event, as ingest would have stored it.
    func make() throws(RecipeTestError) -> Event {
        var headers = HeaderFields()
        var type = test.type ?? (test.scheduledAt == nil ? "unknown" : ScheduleTick.type)
        var raw: [UInt8] = []
        var body: JSON?
        var isElement = false
        if let name = test.sample {
            let sample = try EventSample(name, in: samples)
            type = test.type ?? sample.type
            raw = sample.body
            headers.set("Content-Type", sample.contentType)
            body = ParsedBody.parse(raw: raw, contentType: sample.contentType).json
            // An element of a batch is an event of its own.
            if let each = provider(sample.provider)?.event.each,
                let batch = each.first(in: DictionaryScope(body.map { ["body": .json($0)] } ?? [:]))
            {
                body = batch[0]
                isElement = true
            }
        } else if let given = test.body ?? tick {
            body = given
            headers.set("Content-Type", given.string == nil ? "application/json" : "text/plain; charset=utf-8")
        }
        for (name, value) in test.headers.sorted(by: { $0.key < $1.key }) { headers.set(name, value) }
        let isForm = headers.first("Content-Type")?.hasPrefix("application/x-www-form-urlencoded") == true
        for change in test.set { try apply(change.path, change.value, body: &body, headers: &headers) }
        // Bytes that nobody changed stay as the vendor wrote them.
        if !test.set.isEmpty || test.sample == nil, let body {
            raw = isForm ? TestEvent.form(body) : body.string.map { Array($0.utf8) } ?? JSONWriter.bytes(body)
        }
        let isPlain = body?.string != nil && test.sample == nil
        let kind: EventBodyKind =
            if body == nil { .absent } else if isElement || isForm { .value } else if isPlain { .text } else { .json }
        return Event(
            id: Identifier(high: UInt64(bitPattern: now.milliseconds) << 16, low: 1), tenant: .default,
            source: test.source ?? source, type: type, deliveryID: "test",
            receivedAt: now, headers: headers, query: "", raw: raw, bodyKind: kind,
            value: kind == .value ? body.map { JSONWriter.bytes($0) } : nil)
    }

    /// The body of the event that a tick of the recipe's first schedule is, when the test is about one.
    private var tick: JSON? {
        test.scheduledAt.map { at in
            [
                "scheduled_at": .string(at.description),
                "timezone": .string(recipe.schedules.first?.timezone ?? "UTC"),
                "expression": .string(recipe.schedules.first?.expression ?? at.description), "missed": 0,
            ]
        }
    }

    /// Where such an event comes from when the test does not say.
    private var source: String {
        if test.scheduledAt != nil { return recipe.scheduleSource }
        return recipe.triggers.first?.source ?? (recipe.schedules.isEmpty ? "test" : recipe.scheduleSource)
    }

    private func apply(
        _ text: String, _ value: JSON, body: inout JSON?, headers: inout HeaderFields
    ) throws(RecipeTestError) {
        let path: PathExpression
        do throws(ExpressionError) {
            path = try PathExpression(text)
        } catch {
            throw RecipeTestError("event.set: \(error)")
        }
        switch path.root {
        case "body", "form":
            guard let changed = JSONEdit.set(value, at: path.steps[...], in: body) else {
                throw RecipeTestError("event.set: \(text) leads nowhere in the event")
            }
            body = changed
        case "headers":
            guard case .key(let name)? = path.steps.first, path.steps.count == 1 else {
                throw RecipeTestError("event.set: write headers.<Name>, not \(text)")
            }
            headers.set(name, value.string ?? JSONWriter.text(value))
        default: throw RecipeTestError("event.set: \(text) must begin with body., form. or headers.")
        }
    }

    private static func form(_ body: JSON) -> [UInt8] {
        Array(FormFields(body.object ?? JSONObject()).encoded.utf8)
    }
}
