using System.Buffers;
using System.Text;
using Darter.Server.Configuration;
using Darter.Transport.Files;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Darter.Server.Files;

/// <summary>Taking files: PUT of one, or the form of the listing.</summary>
internal sealed partial class FileExchange
{
    private const int MostFormFiles = 100;
    private const int LongestName = 255;

    private async Task AnswerUploadAsync(UploadConfig upload)
    {
        bool isForm = HttpMethods.IsPost(_request.Method);
        if (IsForeign())
        {
            await RefuseUploadAsync(StatusCodes.Status403Forbidden, "A page of another site may not send files here.\n").ConfigureAwait(false);
        }
        else if (_path.Safety == PathSafety.Malformed)
        {
            await RefuseUploadAsync(StatusCodes.Status400BadRequest).ConfigureAwait(false);
        }
        else if (_path.Safety == PathSafety.Unservable || (_path.Safety == PathSafety.Hidden && !_config.Dotfiles))
        {
            await RefuseUploadAsync(StatusCodes.Status404NotFound).ConfigureAwait(false);
        }
        else if (_request.Headers.ContentLength > upload.Limit + (isForm ? BodyWriter.ChunkSize : 0))
        {
            await RefuseUploadAsync(StatusCodes.Status413PayloadTooLarge).ConfigureAwait(false);
        }
        else
        {
            await LeaveLoopAsync().ConfigureAwait(false);
            try
            {
                await (isForm ? TakeFormAsync(upload) : TakeFileAsync(upload)).ConfigureAwait(false);
            }
            catch (UploadException exception)
            {
                if (exception.InnerException is { } cause)
                {
                    FolderSite.Log.CannotStore(_site.Logger, _request.Method, _request.RawTarget, exception.Status, cause.Message);
                }

                await RefuseUploadAsync(exception.Status, exception.Message).ConfigureAwait(false);
            }
        }
    }

    private async Task TakeFileAsync(UploadConfig upload)
    {
        if (_path.IsRoot || _path.EndsWithSlash)
        {
            throw new UploadException(StatusCodes.Status405MethodNotAllowed, "PUT is for files, not for folders.\n");
        }

        // Before the body is asked for (Expect: 100-continue); that nothing is replaced is made sure of at the end.
        if (_site.Folder.GetStatus(_path.ForOpening) is not null)
        {
            throw new UploadException(StatusCodes.Status409Conflict, "There is a file of this name, which is not replaced.\n");
        }

        int slash = _path.Bytes.LastIndexOf((byte)'/');
        byte[] parent = slash < 0 ? [(byte)'.', 0] : [.. _path.Bytes[..slash], 0];
        using OpenedFile folder = OpenFolder(parent);
        if (!await StoreAsync(folder, _path.Name.ToArray(), _request.Body, upload.Limit).ConfigureAwait(false))
        {
            throw new UploadException(StatusCodes.Status409Conflict, "There is a file of this name, which is not replaced.\n");
        }

        _response.Headers.Location = _path.ToUrl(_config.Prefix, folder: false);
        await RefuseAsync(StatusCodes.Status201Created).ConfigureAwait(false);
    }

    private async Task TakeFormAsync(UploadConfig upload)
    {
        if (!_path.EndsWithSlash)
        {
            throw new UploadException(StatusCodes.Status405MethodNotAllowed, "A form is sent to a folder.\n");
        }

        if (!MediaTypeHeaderValue.TryParse(_request.Headers.ContentType.ToString(), out MediaTypeHeaderValue? type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= 70 } boundary)
        {
            throw new UploadException(StatusCodes.Status415UnsupportedMediaType, "A form has the type multipart/form-data.\n");
        }

        using OpenedFile folder = OpenFolder(_path.ForOpening);
        MultipartReader reader = new(boundary.ToString(), _request.Body);
        List<string> present = [];
        int count = 0;
        long left = upload.Limit;
        while (await ReadSectionAsync(reader).ConfigureAwait(false) is { } section)
        {
            string? name = section.GetContentDispositionHeader() is { } disposition ? (disposition.FileNameStar.Value ?? disposition.FileName.Value)?.Trim('"') : null;
            if (string.IsNullOrEmpty(name))
            {
                // Another field, or no file was chosen.
                continue;
            }

            if (++count > MostFormFiles)
            {
                throw new UploadException(StatusCodes.Status413PayloadTooLarge, $"A form may have {MostFormFiles} files.\n");
            }

            FormFileStream body = new(section.Body);
            if (!await StoreAsync(folder, CheckName(name), body, left).ConfigureAwait(false))
            {
                present.Add(name);
            }

            left -= body.Count;
        }

        if (present.Count > 0)
        {
            throw new UploadException(StatusCodes.Status409Conflict, $"There are files of these names, which are not replaced:\n{string.Join('\n', present)}\n");
        }

        _response.Headers.Location = _path.ToUrl(_config.Prefix, folder: true);
        await RefuseAsync(StatusCodes.Status303SeeOther).ConfigureAwait(false);
    }

    /// <summary>Writes a file of at most <paramref name="limit"/> bytes; false: there is one of this name.</summary>
    private static async Task<bool> StoreAsync(OpenedFile folder, byte[] name, Stream body, long limit)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BodyWriter.ChunkSize);
        using NewFile file = Storing(() => NewFile.Create(folder));
        try
        {
            long length = 0;
            while (await body.ReadAsync(buffer).ConfigureAwait(false) is > 0 and var read)
            {
                length += read;
                if (length > limit)
                {
                    throw new UploadException(StatusCodes.Status413PayloadTooLarge, "The file is larger than --upload-limit.\n");
                }

                Storing(() =>
                {
                    file.Write(buffer.AsSpan(0, read));
                    return true;
                });
            }

            return Storing(() => file.TryPublish([.. name, 0]));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>What the disk has against a file is not to be confused with a client that broke off.</summary>
    private static T Storing<T>(Func<T> store)
    {
        try
        {
            return store();
        }
        catch (IOException exception)
        {
            throw new UploadException(StatusCodes.Status507InsufficientStorage, "The file cannot be stored.\n", exception);
        }
    }

    private OpenedFile OpenFolder(ReadOnlySpan<byte> path)
    {
        OpenOutcome outcome = _site.Folder.TryOpen(path, mayWait: true, out OpenedFile? folder);
        if (outcome == OpenOutcome.Opened && folder!.Status.Kind == FileKind.Folder)
        {
            return folder;
        }

        folder?.Dispose();
        throw new UploadException(outcome == OpenOutcome.Forbidden ? StatusCodes.Status403Forbidden : StatusCodes.Status404NotFound, "There is no such folder.\n");
    }

    /// <summary>A name as browsers send it: some send a path, of which the last part counts.</summary>
    private byte[] CheckName(string name)
    {
        string last = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        byte[] bytes = Encoding.UTF8.GetBytes(last);
        return bytes.Length is 0 or > LongestName || last is "." or ".." || (last[0] == '.' && !_config.Dotfiles) || last.Any(char.IsControl)
            ? throw new UploadException(StatusCodes.Status400BadRequest, "A file's name is missing, hidden or too long, or has control characters.\n")
            : bytes;
    }

    private static async Task<MultipartSection?> ReadSectionAsync(MultipartReader reader)
    {
        try
        {
            return await reader.ReadNextSectionAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (FormFileStream.IsMalformed(exception))
        {
            throw new UploadException(StatusCodes.Status400BadRequest, FormFileStream.Malformed);
        }
    }

    /// <summary>
    /// Whether a page of another site sends this with its visitor's browser, which needs nobody's leave to send a form: browsers
    /// say where it comes from.
    /// </summary>
    private bool IsForeign()
    {
        string? site = _request.Headers["Sec-Fetch-Site"];
        string? origin = _request.Headers.Origin;
        if (origin is null)
        {
            return site is not (null or "same-origin" or "none");
        }

        return origin != _config.Upload!.TrustedOrigin
            && !(Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && string.Equals(uri.Authority, _request.Headers.Host, StringComparison.OrdinalIgnoreCase));
    }

    private Task RefuseUploadAsync(int status, string detail = "")
    {
        // What is left of the body is nobody's business any more.
        _response.Headers.Connection = "close";
        return RefuseAsync(status, detail);
    }
}
