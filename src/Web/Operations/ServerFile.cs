using System.Text.Json;
using HallOps.Web.Storage;

namespace HallOps.Web.Operations;

/// <summary>How commands on the same machine find the server of a folder: <c>server.json</c>, there while it listens.</summary>
public sealed record ServerFile(int ProcessId, string Address, string Secret)
{
    /// <summary>Null when there is none, or none that can be read.</summary>
    public static ServerFile? Find(DataFolder folder)
    {
        try
        {
            return JsonSerializer.Deserialize<ServerFile>(File.ReadAllBytes(folder.ServerPath), JsonSerializerOptions.Web);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes it when the server listens and removes it when it stops.</summary>
    public static void Keep(WebApplication app)
    {
        var folder = app.Services.GetRequiredService<DataFolder>();
        var secret = app.Services.GetRequiredService<LocalSecret>();
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            var address = Reachable(app.Urls.FirstOrDefault(u => u.StartsWith("http:", StringComparison.Ordinal)) ?? app.Urls.First());
            OwnerOnly.Write(folder.ServerPath, JsonSerializer.SerializeToUtf8Bytes(new ServerFile(Environment.ProcessId, address, secret.Value), JsonSerializerOptions.Web));
        });
        app.Lifetime.ApplicationStopping.Register(() => File.Delete(folder.ServerPath));
    }

    // A server on all addresses is asked on this machine's own.
    private static string Reachable(string url) => url.Replace("://[::]", "://localhost", StringComparison.Ordinal).Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal)
        .Replace("://*", "://localhost", StringComparison.Ordinal).Replace("://+", "://localhost", StringComparison.Ordinal);
}
