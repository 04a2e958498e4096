using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Control;

/// <summary>An answer of the control socket.</summary>
internal sealed record ControlResponse(int Status, string ContentType, byte[] Body)
{
    internal static ControlResponse Json<T>(int status, T value, JsonTypeInfo<T> type) =>
        new(status, "application/json", JsonSerializer.SerializeToUtf8Bytes(value, type));

    internal static ControlResponse Error(int status, string error) =>
        Json(status, new ControlError(error), ControlJson.Instance.ControlError);

    internal static ControlResponse Text(int status, string text) =>
        new(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text + "\n"));

    internal async Task WriteAsync(IFeatureCollection features)
    {
        IHttpResponseFeature response = features.GetRequiredFeature<IHttpResponseFeature>();
        response.StatusCode = Status;
        response.Headers.ContentType = ContentType;
        response.Headers.ContentLength = Body.Length;
        response.Headers.CacheControl = "no-store";
        if (features.GetRequiredFeature<IHttpRequestFeature>().Method != "HEAD")
        {
            await features.GetRequiredFeature<IHttpResponseBodyFeature>().Writer.WriteAsync(Body).ConfigureAwait(false);
        }
    }
}
