extension CallFailure {
    /// The vendor refused the credentials of the connection: 401 or 403.
    package static let unauthorizedCode = "connection_unauthorized"
    /// No value is stored for a secret that the connection names.
    package static let missingCredentialCode = "missing_credential"

    /// Whether what asked for it waits until a person has looked after the connection's credentials.
    package var parksForCredentials: Bool {
        code == CallFailure.unauthorizedCode || code == CallFailure.missingCredentialCode
    }
}
