namespace Darter.Integration.Tests.Infrastructure;

/// <summary>The dimensions in which the rows of the tests repeat.</summary>
public static class Rows
{
    /// <summary>Both versions of HTTP.</summary>
    public static readonly HttpProtocol[] Protocols = [HttpProtocol.Http1, HttpProtocol.Http2];

    /// <summary>The names of all interpreters.</summary>
    public static IReadOnlyList<string> Pythons { get; } = PythonInterpreters.All.Select(python => python.Name).ToList();

    /// <summary>Every interpreter.</summary>
    public static TheoryData<string> OfPythons => new(Pythons);

    /// <summary>Every interpreter over each version of HTTP.</summary>
    public static MatrixTheoryData<string, HttpProtocol> OfPythonsAndProtocols => new(Pythons, Protocols);

    /// <summary>Each version of HTTP.</summary>
    public static TheoryData<HttpProtocol> OfProtocols => new(Protocols);
}
