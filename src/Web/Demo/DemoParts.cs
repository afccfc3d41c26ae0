using HallOps.Web.Halls;
using HallOps.Web.Operations;

namespace HallOps.Web.Demo;

internal static class DemoParts
{
    /// <summary>The demonstration, where the settings ask for it. Comes after everything that its halls need to start.</summary>
    public static void AddDemo(this IServiceCollection services, Settings settings)
    {
        if (settings.Play is not { } play) return;
        services.AddSingleton<DemoAccounts>();
        services.AddSingleton(s => new DemoHost(play, s.GetRequiredService<EngineHost>(), s.GetRequiredService<HallDoor>, s.GetRequiredService<HallImport>, s.GetRequiredService<DemoAccounts>(), s.GetRequiredService<ILogger<DemoHost>>()));
        services.AddHostedService(s => s.GetRequiredService<DemoHost>());
    }
}
