namespace Darter.Integration.Tests.Infrastructure;

/// <summary>The dimensions in which the rows of the tests repeat.</summary>
public static class Rows
{
    /// <summary>Both versions of HTTP.</summary>
    public static readonly HttpProtocol[] Protocols = [HttpProtocol.Http1, HttpProtocol.Http2];

    /// <summary>The names of <see cref="PythonInterpreters.Several"/>.</summary>
    public static IReadOnlyList<string> Pythons { get; } = PythonInterpreters.Several.Select(python => python.Name).ToList();

    /// <summary>Each of these interpreters.</summary>
    public static TheoryData<string> OfPythons => new(Pythons);

    /// <summary>Each of these interpreters over each version of HTTP.</summary>
    public static MatrixTheoryData<string, HttpProtocol> OfPythonsAndProtocols => new(Pythons, Protocols);

    /// <summary>Each version of HTTP.</summary>
    public static TheoryData<HttpProtocol> OfProtocols => new(Protocols);
}
