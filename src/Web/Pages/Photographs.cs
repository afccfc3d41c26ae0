using HallOps.Web.Operations;
using HallOps.Web.Problems;

namespace HallOps.Web.Pages;

/// <summary>The photographs of staff that window screens show: files that the operator puts into <c>photos/{hall}</c> of the data folder.</summary>
internal static class Photographs
{
    private static readonly Dictionary<string, string> Types = new(StringComparer.OrdinalIgnoreCase)
    {
        [".jpg"] = "image/jpeg", [".jpeg"] = "image/jpeg", [".png"] = "image/png", [".webp"] = "image/webp",
    };

    public static void MapPhotographs(this IEndpointRouteBuilder app, Settings settings) =>
        app.MapGet("/photos/{hall}/{file}", IResult (string hall, string file, HttpContext http) =>
        {
            // Plain names only: whatever could climb out of the folder is no name of a photograph.
            if (!IsName(hall) || !IsName(Path.GetFileNameWithoutExtension(file)) || !Types.TryGetValue(Path.GetExtension(file), out var type)) return Problem.Of("NotFound");
            var path = Path.Combine(settings.Folder.FullPath, "photos", hall, file);
            if (!File.Exists(path)) return Problem.Of("NotFound");
            http.Response.Headers.CacheControl = "no-cache";
            return Results.File(path, type, lastModified: File.GetLastWriteTimeUtc(path));
        }).ExcludeFromDescription();

    private static bool IsName(string name) => name.Length is > 0 and <= 100 && name.All(c => char.IsLetterOrDigit(c) || c is '-' or '_');
}
