namespace Darter.Server.Protocols.FastCgi;

/// <summary>Types of records (FastCGI 1.0, section 8).</summary>
internal enum RecordType : byte
{
    /// <summary>FCGI_BEGIN_REQUEST.</summary>
    BeginRequest = 1,

    /// <summary>FCGI_ABORT_REQUEST.</summary>
    AbortRequest = 2,

    /// <summary>FCGI_END_REQUEST.</summary>
    EndRequest = 3,

    /// <summary>FCGI_PARAMS.</summary>
    Params = 4,

    /// <summary>FCGI_STDIN.</summary>
    Stdin = 5,

    /// <summary>FCGI_STDOUT.</summary>
    Stdout = 6,

    /// <summary>FCGI_STDERR.</summary>
    Stderr = 7,

    /// <summary>FCGI_DATA: of filters.</summary>
    Data = 8,

    /// <summary>FCGI_GET_VALUES.</summary>
    GetValues = 9,

    /// <summary>FCGI_GET_VALUES_RESULT.</summary>
    GetValuesResult = 10,

    /// <summary>FCGI_UNKNOWN_TYPE.</summary>
    UnknownType = 11,
}
