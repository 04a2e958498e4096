using System.Buffers;
using Darter.Server.Compression;
using Darter.Server.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Caching;

/// <summary>
/// Compresses stored answers, each once for each coding that clients want, and keeps what comes of it with the answer. Short ones are
/// compressed where they are asked for; for a long one its first clients wait.
/// </summary>
/// <param name="rules">Which answers are compressed.</param>
/// <param name="store">Whose memory they take.</param>
internal sealed class AnswerEncoding(CompressionRules rules, AnswerStore store)
{
    // As of answers of the application.
    private const int MostEncodedAtOnce = 16 * 1024;
    private const int PieceSize = 64 * 1024;

    /// <summary>The form of an answer that a client gets: the answer itself, or a compressed one. Null: it is being made.</summary>
    internal CachedAnswer? Choose(CachedAnswer answer, IHttpRequestFeature request, in RequestConditions conditions, out Task<CachedAnswer>? making)
    {
        making = null;
        EncodedForms forms = answer.Forms ?? answer.TrySetForms(Examine(answer));

        // A part is one of the bytes as they are, as of files: their tag is the strong one.
        if (!forms.MayExist || conditions.AsksForRange || HttpProtocol.IsHttp10(request.Protocol)
            || rules.Preferred(request.Headers.AcceptEncoding) is var coding && coding == ContentCodings.None)
        {
            return answer;
        }

        object form = forms.Find(coding) ?? Begin(answer, forms, coding);
        making = form as Task<CachedAnswer>;
        return form as CachedAnswer;
    }

    private EncodedForms Examine(CachedAnswer answer)
    {
        IHeaderDictionary headers = HeadersOf(answer);
        if (!rules.CanBeCompressed(answer.Status, headers, answer.Length))
        {
            return EncodedForms.None;
        }

        CompressionRules.AddVary(headers);
        return new EncodedForms(headers.Vary);
    }

    private object Begin(CachedAnswer answer, EncodedForms forms, ContentCodings coding)
    {
        if (answer.Length <= MostEncodedAtOnce)
        {
            return Keep(answer, forms, coding, Make(answer, forms, coding));
        }

        if (!rules.TryEnter())
        {
            return answer;
        }

        TaskCompletionSource<CachedAnswer> made = new(TaskCreationOptions.RunContinuationsAsynchronously);
        object form = forms.TrySet(coding, made.Task);
        if (form != made.Task)
        {
            // Another client was quicker.
            rules.Leave();
            return form;
        }

        ThreadPool.UnsafeQueueUserWorkItem(
            _ =>
            {
                CachedAnswer result = TryMakeLong(answer, forms, coding);
                forms.Set(coding, result);
                rules.Leave();
                made.SetResult(result);
            },
            state: null);
        return form;
    }

    /// <summary>Makes a form in memory that is reserved of the store's; the answer itself if there is none.</summary>
    private CachedAnswer TryMakeLong(CachedAnswer answer, EncodedForms forms, ContentCodings coding)
    {
        if (!store.TryReserve(answer.Length))
        {
            return answer;
        }

        CachedAnswer form;
        try
        {
            form = Make(answer, forms, coding);
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException or OutOfMemoryException)
        {
            // It is there as it was, and clients wait for it.
            form = answer;
        }
        finally
        {
            store.Release(answer.Length);
        }

        return form == answer || store.TryGrow(answer, form.SizeOf(keyLength: 0)) ? form : answer;
    }

    /// <summary>Keeps a form that was made at once, if no other is there, and there is room.</summary>
    private CachedAnswer Keep(CachedAnswer answer, EncodedForms forms, ContentCodings coding, CachedAnswer form)
    {
        object kept = forms.TrySet(coding, form);
        if (kept == form && form != answer && !store.TryGrow(answer, form.SizeOf(keyLength: 0)))
        {
            forms.Set(coding, answer);
        }

        return form;
    }

    /// <summary>A form of an answer; the answer itself if nothing is gained.</summary>
    private static CachedAnswer Make(CachedAnswer answer, EncodedForms forms, ContentCodings coding)
    {
        ArrayBufferWriter<byte> output = new();
        using (BodyEncoder encoder = BodyEncoder.Create(coding))
        {
            foreach (byte[] piece in answer.Body)
            {
                encoder.Write(piece, output);
            }

            encoder.Finish(output);
        }

        if (output.WrittenCount >= answer.Length)
        {
            return answer;
        }

        IHeaderDictionary headers = HeadersOf(answer);
        headers.Vary = forms.Vary;
        CompressionRules.Apply(headers, coding);
        return new CachedAnswer
        {
            Status = answer.Status,
            Reason = answer.Reason,
            Fields = [.. headers],
            Body = [.. Enumerable.Range(0, (output.WrittenCount + PieceSize - 1) / PieceSize)
                .Select(index => output.WrittenSpan.Slice(index * PieceSize, Math.Min(PieceSize, output.WrittenCount - (index * PieceSize))).ToArray())],
            Length = output.WrittenCount,
            Freshness = answer.Freshness,
            Audience = answer.Audience,
            EntityTag = AnswerFields.EntityTagOf(headers),
            Modified = answer.Modified,
        };
    }

    private static HeaderDictionary HeadersOf(CachedAnswer answer)
    {
        HeaderDictionary headers = new(answer.Fields.Length);
        foreach ((string name, StringValues values) in answer.Fields)
        {
            headers[name] = values;
        }

        return headers;
    }
}
