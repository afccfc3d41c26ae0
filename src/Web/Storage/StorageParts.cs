using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Storage;

/// <summary>Registers the SQL side of a data folder.</summary>
internal static class StorageParts
{
    public static void AddStorage(this IServiceCollection services, SqlPlace place)
    {
        services.AddSingleton(place);
        services.AddDbContextFactory<HallOpsDb>(place.Configure);
        services.AddSingleton(_ => Keys.Open(place.Folder));
        services.AddSingleton<ErasedList>().AddSingleton<IPeople, People>();
        services.AddSingleton<Texts>().AddSingleton<ITexts>(s => s.GetRequiredService<Texts>());
        services.AddDataProtection().SetApplicationName("HallOps").PersistKeysToFileSystem(new DirectoryInfo(place.Folder.DataProtectionPath));
    }
}
