namespace Darter.Server;

/// <summary>
/// A feature of requests that came over a gateway protocol (uwsgi, FastCGI, SCGI): what a web server says of a request that
/// HTTP has no words for. There is none over HTTP.
/// </summary>
internal interface IGatewayRequest : IRequestVariables
{
    /// <summary>The status that the request is to be refused with, since it is beyond a limit; 0: it is not.</summary>
    int Refusal { get; }

    /// <summary>SERVER_NAME; empty: it was not said.</summary>
    ReadOnlyMemory<byte> ServerName { get; }

    /// <summary>SERVER_PORT, or 0.</summary>
    ushort ServerPort { get; }

    /// <summary>Whether <see cref="IRequestVariables.Variables"/> has SCRIPT_NAME, the beginning of the path at which the application is mounted.</summary>
    bool HasScriptName { get; }
}
