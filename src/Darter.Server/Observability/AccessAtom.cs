namespace Darter.Server.Observability;

/// <summary>What a segment of an access line shows. The letters are Gunicorn's but for Q, R and X.</summary>
internal enum AccessAtom : byte
{
    /// <summary>Text of the format itself.</summary>
    Literal,

    /// <summary>h: the client's address.</summary>
    Host,

    /// <summary>u: the name of Basic authentication.</summary>
    User,

    /// <summary>t: when the request ended.</summary>
    Time,

    /// <summary>r: method, target and protocol.</summary>
    RequestLine,

    /// <summary>s: status.</summary>
    Status,

    /// <summary>m: method.</summary>
    Method,

    /// <summary>U: path, decoded.</summary>
    Path,

    /// <summary>q: query.</summary>
    Query,

    /// <summary>H: protocol.</summary>
    Protocol,

    /// <summary>b and B: bytes of the body.</summary>
    Bytes,

    /// <summary>f: Referer.</summary>
    Referrer,

    /// <summary>a: User-Agent.</summary>
    Agent,

    /// <summary>T: whole seconds.</summary>
    Seconds,

    /// <summary>M: whole milliseconds.</summary>
    Milliseconds,

    /// <summary>D: whole microseconds.</summary>
    Microseconds,

    /// <summary>L: seconds, with six digits behind the point.</summary>
    DecimalSeconds,

    /// <summary>Q: seconds in the queue.</summary>
    QueueSeconds,

    /// <summary>p: process id of the worker.</summary>
    ProcessId,

    /// <summary>R: the request's id.</summary>
    RequestId,

    /// <summary>X: whether the response is complete.</summary>
    End,

    /// <summary>{...}i: a field of the request's header section.</summary>
    RequestField,

    /// <summary>{...}o: a field of the response's header section.</summary>
    ResponseField,

    /// <summary>{...}e: a variable of CGI.</summary>
    Variable,
}
