import GrapnelCore
import GrapnelFormat
import GrapnelIngest
import Testing

@Suite struct PublishedVectorTests {
    /// What vendors and their libraries publish, by provider and scheme, so that no vector goes missing, and none that
    /// is our own is called published.
    static let published: [(provider: String, scheme: String, signatures: [String])] = [
        (
            "github", "sha256",
            [
                "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
                "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9",
            ]
        ),
        ("slack", "v0", ["v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"]),
        (
            "twilio", "form",
            [
                "RSOYDt4T1cUTdK1PDd93/VVr8B8=", "0/KCTR6DLpKmkAf8muzZqo1nDgQ=", "kvajT1Ptam85bY51eRf/AJRuM3w=",
                "0ZXoZLH/DfblKGATFgpif+LLRf4=", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=", "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
            ]
        ),
        ("twilio", "json", ["a9nBmqA0ju/hNViExpshrM61xv4="]),
        (
            "standard-webhooks", "v1",
            [
                "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
                "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
            ]
        ),
        ("svix", "v1", ["v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="]),
        ("hubspot", "v1", ["232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de"]),
        (
            "hubspot", "v2",
            [
                "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e",
                "9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900",
            ]
        ),
        ("stripe", "v1", []), ("hubspot", "v3", []), ("standard-webhooks", "v1a", []), ("github", "sha1", []),
        ("generic-hmac", "hmac", ["244449b7f48cbc2709060c9dcdc2b3aa47a78f540430579015c579fb12defbb4"]),
    ]

    @Test func `the shipped providers are those of the documentation`() {
        #expect(
            ShippedProvider.names == [
                "generic-hmac", "github", "hubspot", "slack", "standard-webhooks", "stripe", "svix", "twilio",
            ])
    }

    @Test(arguments: ShippedProvider.names)
    func `a provider's file decodes and every scheme has a vector`(name: String) throws {
        let provider = try ShippedProvider.load(name)
        let covered = Set(ShippedProvider.vectors.filter { $0.provider == name }.map(\.scheme.name))
        #expect(covered == Set(provider.verify.map(\.name)))
    }

    @Test(arguments: published)
    func `every published vector is in the provider's file`(
        provider: String, scheme: String, signatures: [String]
    ) {
        let known = ShippedProvider.vectors.filter {
            $0.provider == provider && $0.scheme.name == scheme && $0.vector.from == .published
        }
        let texts = known.compactMap { known in known.signatureHeader.flatMap { known.vector.headers.first($0) } }
        #expect(Set(texts) == Set(signatures))
        #expect(known.count == signatures.count)
    }

    @Test(arguments: ShippedProvider.vectors)
    func `a vector is accepted by its scheme and its secret`(_ vector: VectorCase) {
        guard case .accepted(let verdict) = vector.outcome() else {
            Issue.record("\(vector.outcome())")
            return
        }
        #expect(verdict.scheme == vector.scheme.name)
        #expect(verdict.secretName == "SECRET")
        #expect(verdict.secretVersion?.utf8.count == 8)
    }

    @Test(arguments: ShippedProvider.vectors)
    func `a vector is accepted among all schemes of its provider`(_ vector: VectorCase) throws {
        let provider = try ShippedProvider.load(vector.provider)
        let verifier = SignatureVerifier(
            schemes: provider.verify, secrets: [SourceSecret(name: "SECRET", value: vector.vector.secret)])
        guard case .accepted(let verdict) = verifier.verify(vector.request, now: vector.now) else {
            Issue.record("\(verifier.verify(vector.request, now: vector.now))")
            return
        }
        #expect(verdict.scheme == vector.scheme.name)
    }

    /// Where the hub can make the signature, it makes the published one: of the same request, at the same time.
    @Test(arguments: ShippedProvider.vectors.filter { $0.hasOneSignature && !$0.scheme.algorithm.isAsymmetric })
    func `a sample is signed as the vendor signs it`(_ vector: VectorCase) throws {
        let header = try #require(vector.signatureHeader)
        var request = vector.request
        request.headers.remove(header)
        if case .header(let name) = vector.scheme.timestamp?.source { request.headers.remove(name) }
        if let mark = request.url.firstRange(of: "&bodySHA256=") {
            request.url = String(request.url[..<mark.lowerBound])
        }
        let signed = try vector.scheme.signed(request, secret: vector.vector.secret, now: vector.now)
        // Where several ways to write the port are tried, the first is signed, and the vector may be of another.
        let variants = vector.scheme.url.variants
        if variants.count == 1 || vector.scheme.url.candidates(of: vector.vector.url).first == vector.vector.url {
            #expect(signed.headers.first(header) == vector.vector.headers.first(header))
        }
        guard case .accepted = vector.verifier.verify(signed, now: vector.now) else {
            Issue.record("\(vector.verifier.verify(signed, now: vector.now))")
            return
        }
    }
}
