using Darter.Server.Access;
using Darter.Server.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Files.Access;

/// <summary>Asks for a user and a password before anything is answered (RFC 7617).</summary>
internal sealed class BasicAuthentication(AuthConfig config, IFrontHandler next, TimeProvider time) : IFrontHandler
{
    private readonly PasswordGuard _guard = new([config], "Files", time);

    /// <inheritdoc/>
    public Task<long>? TryHandle(IFeatureCollection features) => _guard.Check(features, ClientOf(features)) is { } check ? FinishAsync(check, features) : next.TryHandle(features);

    private async Task<long> FinishAsync(Task<long> check, IFeatureCollection features)
    {
        long written = await check.ConfigureAwait(false);
        if (written >= 0)
        {
            return written;
        }

        return next.TryHandle(features) is { } handling
            ? await handling.ConfigureAwait(false)
            : await PlainAnswer.WriteAsync(features, StatusCodes.Status404NotFound).ConfigureAwait(false);
    }

    private static System.Net.IPAddress? ClientOf(IFeatureCollection features) => features.Get<IHttpConnectionFeature>()?.RemoteIpAddress;
}
