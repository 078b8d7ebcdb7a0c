/// Calls whose answer is not known yet, so that an opening finds those that the last one left behind.
enum CallsInFlight {
    static let name = "0008 calls in flight"

    static let sql = """
        CREATE INDEX outcome_in_flight ON outcome (effect) WHERE state = 1 AND delivery IS NULL;
        """
}
