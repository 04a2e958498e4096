namespace Darter.Server.Caching;

/// <summary>What has come of a request to the application that others waited for.</summary>
internal enum FlightOutcome
{
    /// <summary>It is under way.</summary>
    Pending,

    /// <summary>Its answer is in the store.</summary>
    Stored,

    /// <summary>Its answer is not kept: who waited goes to the application.</summary>
    NotKept,

    /// <summary>There was none, or a server error.</summary>
    Failed,

    /// <summary>It only asked whether another server has an answer, which is in the store now.</summary>
    Fetched,

    /// <summary>It only asked whether another server has an answer, and none has.</summary>
    Absent,

    /// <summary>Its client left before the answer was there: another asks.</summary>
    Left,
}
