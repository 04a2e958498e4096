using Microsoft.Extensions.Primitives;

namespace Darter.Server;

/// <summary>Fields of a response that are for its client alone, though others may get the rest. A feature of responses that may be kept.</summary>
internal interface IClientOnlyFields
{
    /// <summary>More cookies, for this client.</summary>
    StringValues SetCookie { get; set; }
}
