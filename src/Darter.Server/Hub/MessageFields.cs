using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Hub;

/// <summary>The header fields of a message in a response.</summary>
internal static class MessageFields
{
    /// <summary>Puts them in the place of those of the same names.</summary>
    internal static void Apply(HubResponseMessage message, IHeaderDictionary headers)
    {
        foreach (IGrouping<string, KeyValuePair<string, string>> field in message.Headers.GroupBy(field => field.Key, StringComparer.OrdinalIgnoreCase))
        {
            headers[field.Key] = new StringValues([.. field.Select(one => one.Value)]);
        }
    }
}
