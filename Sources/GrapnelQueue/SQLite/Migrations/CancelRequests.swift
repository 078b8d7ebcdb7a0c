/// What a person has cancelled while a node worked on it. A row lives until the attempt ends, so the table is empty
/// but for moments, and to look into it costs next to nothing.
enum CancelRequests {
    static let name = "0007 cancel requests"

    static let sql = """
        CREATE TABLE cancel_request (
            subject BLOB NOT NULL PRIMARY KEY CHECK (length(subject) = 16)
        ) STRICT, WITHOUT ROWID;
        """
}
