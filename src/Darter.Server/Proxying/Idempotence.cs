using Microsoft.AspNetCore.Http;

namespace Darter.Server.Proxying;

/// <summary>Which methods may be carried out twice (RFC 9110, section 9.2.2).</summary>
internal static class Idempotence
{
    /// <summary>Whether a method is one of them.</summary>
    internal static bool Holds(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method)
        || HttpMethods.IsPut(method) || HttpMethods.IsDelete(method) || HttpMethods.IsTrace(method);
}
